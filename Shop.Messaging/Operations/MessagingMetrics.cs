using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Shop.Messaging.Operations;

/// <summary>What can be counted of messages. Lengths of queues and tables are as <see cref="MessagingSampler"/> last saw them.</summary>
internal sealed class MessagingMetrics
{
    public const string Meter = "Shop.Messaging";

    private readonly Counter<long> _committed;
    private readonly Counter<long> _duplicates;
    private readonly Histogram<int> _shared;
    private volatile OutboxStatus _outbox = new(0, TimeSpan.Zero, 0);

    public MessagingMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(Meter);
        _committed = meter.CreateCounter<long>("messaging.outbox.committed", "{message}", "Messages committed with the change that they tell of.");
        _duplicates = meter.CreateCounter<long>("messaging.inbox.duplicates", "{message}", "Messages that came again and had no second effect.");
        _shared = meter.CreateHistogram<int>(
            "messaging.transaction.messages", "{message}", "Messages handled in one transaction.",
            advice: new InstrumentAdvice<int> { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64] });
        meter.CreateObservableGauge("messaging.outbox.due", () => _outbox.Due, "{message}", "Messages that should have been handed over.");
        meter.CreateObservableGauge("messaging.outbox.lag", () => _outbox.Lag.TotalSeconds, "s", "How long the oldest of these has waited.");
        meter.CreateObservableGauge("messaging.outbox.scheduled", () => _outbox.Scheduled, "{message}", "Messages whose time has not come.");
        meter.CreateObservableGauge(
            "messaging.dead.letters",
            () => DeadLetters.Select(queue => new Measurement<long>(queue.Value, new KeyValuePair<string, object?>("queue", queue.Key))),
            "{message}",
            "Messages put aside, by error and dead-letter queue.");
    }

    /// <summary>The queues that this service consumes.</summary>
    public ConcurrentDictionary<string, bool> Queues { get; } = new();

    public ConcurrentDictionary<string, long> DeadLetters { get; } = new();

    public OutboxStatus Outbox
    {
        set => _outbox = value;
    }

    public void Committed(string messageType) => _committed.Add(1, new KeyValuePair<string, object?>("message", messageType));

    public void Duplicate(string queue) => _duplicates.Add(1, new KeyValuePair<string, object?>("queue", queue));

    public void Transaction(string queue, int messages) => _shared.Record(messages, new KeyValuePair<string, object?>("queue", queue));
}
