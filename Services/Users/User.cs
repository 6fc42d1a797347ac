using Microsoft.AspNetCore.Identity;

namespace Shop.Users;

/// <summary>Somebody with an account: e-mail address (unique, whatever its case), password hash and stamps as ASP.NET Core Identity keeps them.</summary>
public sealed class User : IdentityUser<Guid>
{
    /// <summary>A new account, by a UUIDv7.</summary>
    public User() => Id = Guid.CreateVersion7();

    /// <summary>What to call the user.</summary>
    public required string Name { get; set; }

    /// <summary><see cref="Shop.ServiceDefaults.Identity.Roles"/>.</summary>
    public List<string> Roles { get; set; } = [ServiceDefaults.Identity.Roles.Customer];

    /// <summary>Where the user has parcels sent to.</summary>
    public IReadOnlyList<PostalAddress> Addresses { get; set; } = [];

    /// <summary>What the user wants to be told about orders; all of it unless changed.</summary>
    public List<string> Notifications { get; private set; } = [.. NotificationKinds.All];

    /// <summary>Grows with each change of <see cref="Notifications"/>.</summary>
    public long NotificationsVersion { get; private set; }

    /// <summary>When the account was made (UTC).</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Whether the user may place orders.</summary>
    public bool IsActive => Roles.Contains(ServiceDefaults.Identity.Roles.Customer);

    /// <summary>The user wants to be told of this, and of nothing else.</summary>
    public void Want(IEnumerable<string> notifications)
    {
        Notifications = [.. notifications.Distinct()];
        NotificationsVersion++;
    }
}

/// <summary>A user has been added, changed or deleted: what those who watch users are told, in the order of the transactions.</summary>
public sealed class UserChange
{
    /// <summary>Grows with each change of one transaction.</summary>
    public long Id { get; private init; }

    /// <summary>The Postgres transaction.</summary>
    public ulong TransactionId { get; private init; }

    /// <summary>The user.</summary>
    public required Guid UserId { get; init; }

    /// <summary>When (UTC).</summary>
    public DateTimeOffset At { get; private init; }
}
