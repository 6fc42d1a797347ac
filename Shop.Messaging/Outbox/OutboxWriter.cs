using System.Globalization;
using MassTransit;
using MassTransit.Middleware;
using Microsoft.EntityFrameworkCore;

namespace Shop.Messaging.Outbox;

/// <summary>Where everything that a scope publishes or sends goes: into the scope's DbContext, to be saved with the change it tells of.</summary>
internal sealed class OutboxWriter(IServiceProvider services, DbContext database, TimeProvider clock) : OutboxSendContext
{
    private readonly Lock _one = new();
    private readonly Dictionary<Guid, OutboxMessage> _scheduled = [];
    private readonly List<Guid> _cancelled = [];

    /// <summary>Whether scheduled messages are taken back all at once, by <see cref="CancelDeferredAsync"/>.</summary>
    public bool DefersCancellations { get; set; }

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
            database.Add(message);
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

        if (_scheduled.Remove(schedulingToken, out var own))
        {
            var entry = database.Entry(own);
            var wasSaved = entry.State is not EntityState.Added;
            entry.State = EntityState.Detached;
            if (!wasSaved)
                return;
        }

        _cancelled.Add(schedulingToken);
        if (!DefersCancellations)
            await CancelDeferredAsync(cancellationToken);
    }

    /// <summary>Takes back what was cancelled since, in one statement.</summary>
    public async Task CancelDeferredAsync(CancellationToken cancellationToken)
    {
        if (_cancelled.Count == 0)
            return;

        await using var delete = database.CreateCommand("DELETE FROM outbox_messages WHERE scheduling_token = ANY ($1)", _cancelled.ToArray());
        await delete.ExecuteNonQueryAsync(cancellationToken);
        _cancelled.Clear();
    }

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
