using Microsoft.EntityFrameworkCore;
using Shop.Messaging.Inbox;
using Shop.Messaging.Outbox;

namespace Shop.Messaging.Operations;

/// <summary>Looks into a service's own outbox and inbox.</summary>
public sealed class OutboxOperations(DbContext database)
{
    /// <summary>What waits in the outbox.</summary>
    public async Task<OutboxStatus> GetOutboxAsync(CancellationToken cancellationToken)
    {
        var row = await database.Database.SqlQuery<OutboxRow>(
            $"""
             SELECT count(*) FILTER (WHERE is_due) AS due,
                    count(*) FILTER (WHERE NOT is_due) AS scheduled,
                    coalesce(clock_timestamp() - min(created_at) FILTER (WHERE is_due), interval '0') AS lag
             FROM (SELECT created_at, available_at <= clock_timestamp() OR attempts > 0 AS is_due FROM outbox_messages) AS message
             """).SingleAsync(cancellationToken);
        return new OutboxStatus(row.Due, row.Lag, row.Scheduled);
    }

    /// <summary>About how many messages are remembered as seen: the planner's estimate, because to count millions takes seconds.</summary>
    public async Task<long> EstimateInboxAsync(CancellationToken cancellationToken) =>
        await database.Database.SqlQuery<long>(
            $"SELECT greatest(reltuples, 0)::bigint AS \"Value\" FROM pg_class WHERE oid = 'inbox_messages'::regclass").SingleAsync(cancellationToken);

    private sealed record OutboxRow(long Due, long Scheduled, TimeSpan Lag);
}
