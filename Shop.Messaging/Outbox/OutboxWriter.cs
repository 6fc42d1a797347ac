using System.Globalization;
using System.Text.Json;
using MassTransit;
using MassTransit.Middleware;
using Microsoft.EntityFrameworkCore;

namespace Shop.Messaging.Outbox;

/// <summary>
/// Where everything that a scope publishes or sends goes, to be saved with the change it tells of: by the scope's DbContext, or, where
/// messages are consumed, all at once beside it.
/// </summary>
internal sealed class OutboxWriter(IServiceProvider services, DbContext database, OutboxInterceptor commits, TimeProvider clock) : OutboxSendContext
{
    private readonly Lock _one = new();
    private readonly Dictionary<Guid, OutboxMessage> _scheduled = [];
    private readonly List<Guid> _cancelled = [];
    private List<OutboxMessage>? _collected;

    /// <summary>From here on nothing is written before <see cref="WriteCollectedAsync"/>.</summary>
    public void Collect() => _collected = [];

    public object? GetService(Type serviceType) => services.GetService(serviceType);

    public Task AddSend<T>(SendContext<T> context)
        where T : class
    {
        var now = clock.GetUtcNow();
        context.TryGetPayload(out ScheduledDelivery? scheduled);
        var due = scheduled?.DueAt ?? now + context.Delay;
        var message = new OutboxMessage
        {
            MessageId = context.MessageId ?? throw new MessageException(typeof(T), "A message must have an id."),
            Destination = new RabbitMqEndpointAddress(context.DestinationAddress!, context.DestinationAddress!).Name,
            MessageType = context.SupportedMessageTypes[0],
            ContentType = context.ContentType?.ToString() ?? context.Serialization.DefaultContentType.ToString(),
            Body = context.Serializer.GetMessageBody(context).GetBytes(),
            Headers = ToTransportHeaders(context.Headers),
            AvailableAt = due ?? default, // by default leased to this process
            IsScheduled = due is not null,
            SchedulingToken = scheduled?.Token,
            LeasedSince = clock.GetTimestamp(),
            CreatedAt = now,
        };
        // Consumers may publish several messages at once; a DbContext takes one at a time.
        lock (_one)
        {
            if (_collected is null)
                database.Add(message);
            else
                _collected.Add(message);
            if (scheduled is not null)
                _scheduled[scheduled.Token] = message;
        }

        return Task.CompletedTask;
    }

    /// <summary>Takes a scheduled message back, in the current transaction.</summary>
    /// <exception cref="InvalidOperationException">There is no transaction.</exception>
    public async Task CancelAsync(Guid schedulingToken, CancellationToken cancellationToken)
    {
        if (database.Database.CurrentTransaction is null)
            throw new InvalidOperationException("A scheduled message can only be cancelled inside a transaction.");

        lock (_one)
        {
            if (_scheduled.Remove(schedulingToken, out var own) && Forget(own))
                return;
            _cancelled.Add(schedulingToken);
        }

        if (_collected is null)
            await WriteAsync(cancellationToken);
    }

    /// <summary>
    /// Writes what was collected and takes back what was cancelled, in one round trip and past EF Core: no message is worth a tracked entity.
    /// </summary>
    public Task WriteCollectedAsync(CancellationToken cancellationToken) =>
        _cancelled.Count > 0 || _collected!.Count > 0 ? WriteAsync(cancellationToken) : Task.CompletedTask;

    /// <summary>The transaction has been committed: what was collected may leave now.</summary>
    public void ReleaseCollected() => _collected!.ForEach(commits.Release);

    /// <summary>Takes back a message of this scope; false where its row has been written already.</summary>
    private bool Forget(OutboxMessage own)
    {
        if (_collected is not null)
            return _collected.Remove(own);
        var entry = database.Entry(own);
        var wasSaved = entry.State is not EntityState.Added;
        entry.State = EntityState.Detached;
        return !wasSaved;
    }

    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        await using var batch = database.CreateBatch();
        if (_cancelled.Count > 0)
            batch.Add("DELETE FROM outbox_messages WHERE scheduling_token = ANY ($1)", _cancelled.ToArray());
        if (_collected?.Count > 0)
        {
            batch.Add(
                """
                INSERT INTO outbox_messages
                    (id, message_id, destination, message_type, content_type, headers, body, available_at, scheduling_token, created_at, attempts)
                SELECT id, message_id, destination, message_type, content_type, headers::jsonb, body, coalesce(due, clock_timestamp() + $11), token, created_at, 0
                FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
                    AS message (id, message_id, destination, message_type, content_type, headers, body, due, token, created_at)
                """,
                Column(message => message.Id),
                Column(message => message.MessageId),
                Column(message => message.Destination),
                Column(message => message.MessageType),
                Column(message => message.ContentType),
                Column(message => JsonSerializer.Serialize(message.Headers, JsonSerializerOptions.Web)),
                Column(message => message.Body),
                Column(message => message.IsScheduled ? message.AvailableAt : (DateTimeOffset?)null),
                Column(message => message.SchedulingToken),
                Column(message => message.CreatedAt),
                OutboxMessage.FirstLease);
        }

        await batch.ExecuteNonQueryAsync(cancellationToken);
        _cancelled.Clear();
    }

    private T[] Column<T>(Func<OutboxMessage, T> value) => [.. _collected!.Select(value)];

    private static Dictionary<string, string> ToTransportHeaders(SendHeaders headers)
    {
        var result = new Dictionary<string, string>();
        foreach (var (key, value) in headers.GetAll())
        {
            if (Convert.ToString(value, CultureInfo.InvariantCulture) is { } text)
                result[key] = text;
        }

        return result;
    }
}

/// <summary>Travels with a send context: the message is to be handed over when it is due, and can be cancelled by its token until then.</summary>
internal sealed record ScheduledDelivery(Guid Token, DateTimeOffset DueAt);
