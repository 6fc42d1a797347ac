using Shop.Messaging.Operations;

namespace Shop.Orders.Operations;

/// <summary>A message that no consumer could deal with; its body is not shown.</summary>
/// <param name="Id">What to redeliver it by.</param>
/// <param name="Queue">Of the consumer.</param>
/// <param name="Message">Its type.</param>
/// <param name="Reason">Why it was given up.</param>
/// <param name="FailedAt">When (UTC).</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="Headers">What else is known.</param>
public sealed record DeadLetterResponse(
    string Id, string Queue, string? Message, string? Reason, DateTimeOffset? FailedAt, int? Attempts, IReadOnlyDictionary<string, string> Headers)
{
    internal static DeadLetterResponse From(DeadLetter letter) => new(
        new DeadLetterId(letter.Queue, letter.MessageId).ToString(),
        letter.ConsumerQueue,
        letter.MessageType?.Split('.', ':', '/')[^1],
        letter.Reason,
        letter.FailedAt,
        letter.Attempts,
        letter.Headers);
}

/// <summary>Where a dead letter lies, and which it is; written as <c>QUEUE:MESSAGEID</c>.</summary>
internal sealed record DeadLetterId(string Queue, string MessageId)
{
    public static DeadLetterId? Parse(string text) =>
        text.LastIndexOf(':') is > 0 and var colon && Guid.TryParse(text.AsSpan(colon + 1), out _) ? new(text[..colon], text[(colon + 1)..]) : null;

    public override string ToString() => $"{Queue}:{MessageId}";
}

/// <summary>How many messages went back to their consumer.</summary>
public sealed record RedeliveryResponse(int Redelivered);

/// <summary>A redelivery that somebody asked for.</summary>
public sealed record RedeliveryRecordResponse(Guid Id, Guid AdministratorId, string Queue, string? MessageId, int? Redelivered, DateTimeOffset At)
{
    internal static RedeliveryRecordResponse From(MessageRedelivery redelivery) => new(
        redelivery.Id, redelivery.AdministratorId, redelivery.Queue, redelivery.MessageId, redelivery.Redelivered, redelivery.At);
}

/// <summary>Where the orders stand.</summary>
/// <param name="Sagas">How many there are in each state.</param>
/// <param name="NeedAttention">Orders for which something was asked for five times and more without an answer, the longest waiting first; 100 at most.</param>
/// <param name="DeadLetters">How many messages were put aside, by queue; null while the broker is away.</param>
public sealed record OrdersOverviewResponse(
    IReadOnlyDictionary<string, long> Sagas, IReadOnlyList<Guid> NeedAttention, IReadOnlyDictionary<string, long>? DeadLetters);
