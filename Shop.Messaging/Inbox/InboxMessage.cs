using Microsoft.EntityFrameworkCore;

namespace Shop.Messaging.Inbox;

/// <summary>A message that a queue's consumer has dealt with.</summary>
internal sealed class InboxMessage
{
    public const string Table = "inbox_messages";

    public required Guid MessageId { get; init; }

    public required string Queue { get; init; }

    public required DateTimeOffset ReceivedAt { get; init; }
}

internal static class InboxDbContextExtensions
{
    /// <summary>
    /// Remembers the message as seen, if this transaction commits. A twin that is handled at this moment is waited for.
    /// </summary>
    /// <returns>False where it had been seen before.</returns>
    public static async Task<bool> TryReceiveAsync(
        this DbContext database, Guid messageId, string queue, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var insert = database.CreateCommand(
            "INSERT INTO inbox_messages (message_id, queue, received_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", messageId, queue, now);
        return await insert.ExecuteNonQueryAsync(cancellationToken) == 1;
    }
}
