using RabbitMQ.Client;

namespace Shop.Messaging.Broker;

/// <summary>
/// How queues are declared. Whoever declares a queue, its consumer or a service that publishes to it, must do so with the same arguments.
/// </summary>
internal static class QueueArguments
{
    /// <summary>
    /// A crash in mid-message counts as a delivery, and past the limit the message is dead: far more than any series of crashes that is
    /// not the message's own doing.
    /// </summary>
    private const int DeliveryLimit = 50;

    /// <summary>Of a consumer's queue: replicated, and what kills its consumer again and again moves on, without a gap, to its dead-letter queue.</summary>
    public static Dictionary<string, object?> OfConsumer(string queue) => new()
    {
        [Headers.XQueueType] = "quorum",
        ["x-delivery-limit"] = DeliveryLimit,
        [Headers.XDeadLetterExchange] = DeadLetterQueue(queue),
        ["x-dead-letter-strategy"] = "at-least-once",
        [Headers.XOverflow] = "reject-publish", // what at-least-once needs
    };

    /// <summary>Of a queue that people look into: to be looked at and put back never loses a message. (RabbitMQ 4 has a limit where none is set.)</summary>
    public static Dictionary<string, object?> OfDeadLetters() => new()
    {
        [Headers.XQueueType] = "quorum",
        ["x-delivery-limit"] = int.MaxValue,
    };

    /// <summary>Where MassTransit puts what a consumer failed at for good.</summary>
    public static string ErrorQueue(string queue) => $"{queue}_error";

    public static string DeadLetterQueue(string queue) => $"{queue}_dead";
}
