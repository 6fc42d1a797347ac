namespace Shop.Messaging.Operations;

/// <summary>A message that was put aside; its body is not shown.</summary>
/// <param name="Queue">Where it lies: a consumer's error, skipped or dead-letter queue.</param>
/// <param name="MessageId">Its id.</param>
/// <param name="MessageType">The CLR name of the type that could not be consumed, where that is known.</param>
/// <param name="Reason">What the consumer said when it failed for the last time, or why the broker gave up.</param>
/// <param name="FailedAt">When (UTC), where that is known.</param>
/// <param name="Attempts">How often its consumer was given it, where that is known.</param>
/// <param name="Headers">What else is known of it, except the stack of the failure.</param>
public sealed record DeadLetter(
    string Queue,
    string MessageId,
    string? MessageType,
    string? Reason,
    DateTimeOffset? FailedAt,
    int? Attempts,
    IReadOnlyDictionary<string, string> Headers)
{
    /// <summary>The queue of the consumer that could not deal with it.</summary>
    public string ConsumerQueue => Queue[..Queue.LastIndexOf('_')];
}

/// <summary>What waits in a service's outbox.</summary>
/// <param name="Due">Messages that should have been handed over.</param>
/// <param name="Lag">How long the oldest of these has waited since it was written.</param>
/// <param name="Scheduled">Messages whose time has not come, or that this moment are being handed over.</param>
public sealed record OutboxStatus(long Due, TimeSpan Lag, long Scheduled);
