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
    /// Remembers the messages as seen, if this transaction commits. A twin that is handled at this moment is waited for: in the order of the
    /// ids, so that two transactions never wait for each other.
    /// </summary>
    /// <returns>Those that had not been seen before.</returns>
    public static async Task<HashSet<Guid>> ReceiveAsync(
        this DbContext database, IEnumerable<Guid> messageIds, string queue, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var insert = database.CreateCommand(
            "INSERT INTO inbox_messages (message_id, queue, received_at) SELECT id, $2, $3 FROM unnest($1) AS id ON CONFLICT DO NOTHING RETURNING message_id",
            messageIds.Order().ToArray(), queue, now);
        await using var reader = await insert.ExecuteReaderAsync(cancellationToken);
        var unseen = new HashSet<Guid>();
        while (await reader.ReadAsync(cancellationToken))
            unseen.Add(reader.GetGuid(0));
        return unseen;
    }
}
