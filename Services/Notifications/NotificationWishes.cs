using Microsoft.EntityFrameworkCore;

namespace Shop.Notifications;

/// <summary>What a user wants to be told: a copy of what Users keeps. Who never chose wants all, and has no row.</summary>
public sealed class NotificationWishes
{
    /// <summary>The user.</summary>
    public required Guid UserId { get; init; }

    /// <summary>Names of <see cref="NotificationKind"/>.</summary>
    public required IReadOnlyList<string> Wanted { get; init; }

    /// <summary>Grows with each choice.</summary>
    public required long Version { get; init; }
}

internal static class NotificationWishesExtensions
{
    /// <summary>
    /// Until the transaction ends, a user is not erased while they are told something, nor told something while they are erased: otherwise
    /// what one transaction adds, and the other does not see yet, would stay.
    /// </summary>
    public static Task LockUsersAsync(this NotificationsDbContext database, Guid[] userIds, CancellationToken cancellationToken) =>
        // In the order of the keys, so that two transactions never wait for each other.
        database.Database.ExecuteSqlAsync(
            $"""
             SELECT pg_advisory_xact_lock_shared(key)
             FROM (SELECT DISTINCT hashtextextended(id::text, 0) AS key FROM unnest({userIds}) AS id ORDER BY key) AS users
             """,
            cancellationToken);

    /// <inheritdoc cref="LockUsersAsync"/>
    public static Task LockUserToEraseAsync(this NotificationsDbContext database, Guid userId, CancellationToken cancellationToken) =>
        database.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock(hashtextextended({userId}::text, 0))", cancellationToken);

    /// <summary>Stores a choice, unless a later one is stored already.</summary>
    public static Task KeepWishesAsync(
        this NotificationsDbContext database, Guid userId, IReadOnlyList<string> wanted, long version, CancellationToken cancellationToken) =>
        database.Database.ExecuteSqlAsync(
            $"""
             INSERT INTO notification_wishes AS kept (user_id, wanted, version) VALUES ({userId}, {wanted.ToArray()}, {version})
             ON CONFLICT (user_id) DO UPDATE SET wanted = excluded.wanted, version = excluded.version
             WHERE kept.version < excluded.version
             """,
            cancellationToken);
}
