using MassTransit;
using MassTransit.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Shop.Messaging.Consuming;

/// <summary>Consumes a message inside one of its queue's transactions. A message that was seen before has no effect.</summary>
internal sealed partial class TransactionFilter<T>(
    QueueTransactions transactions, IConsumeScopeProvider scopes, TimeProvider clock, ILogger<TransactionFilter<T>> logger) : IFilter<ConsumeContext<T>>
    where T : class
{
    public Task Send(ConsumeContext<T> context, IPipe<ConsumeContext<T>> next)
    {
        var messageId = context.MessageId
            ?? throw new MessageException(typeof(T), "A message without an id cannot be recognised when it comes again.");
        var delivery = new Delivery<T>(context, messageId, next, scopes, clock, () => LogDuplicate(typeof(T).Name, messageId, transactions.Queue));
        return transactions.RunAsync(delivery, context.CancellationToken);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("transaction");

    [LoggerMessage(LogLevel.Debug, "{MessageType} {MessageId} came again to {Queue}: it has no second effect")]
    private partial void LogDuplicate(string messageType, Guid messageId, string queue);
}
