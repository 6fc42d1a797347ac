using MassTransit;
using MassTransit.DependencyInjection;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Shop.Messaging.Inbox;
using Shop.Messaging.Outbox;

namespace Shop.Messaging.Consuming;

/// <summary>
/// One attempt is one scope, one DbContext and one transaction: that the message was seen, business rows, saga state and outgoing
/// messages commit together or not at all. A message that was seen before has no effect.
/// </summary>
internal sealed partial class TransactionFilter<T>(
    IConsumeScopeProvider scopes, string queue, TimeProvider clock, ILogger<TransactionFilter<T>> logger) : IFilter<ConsumeContext<T>>
    where T : class
{
    public async Task Send(ConsumeContext<T> context, IPipe<ConsumeContext<T>> next)
    {
        var messageId = context.MessageId
            ?? throw new MessageException(typeof(T), "A message without an id cannot be recognised when it comes again.");
        var started = clock.GetTimestamp();
        await using var scope = await scopes.GetScope(context);
        var database = scope.GetService<DbContext>();
        await using var transaction = await database.Database.BeginTransactionAsync(context.CancellationToken);
        if (!await database.TryReceiveAsync(messageId, queue, clock.GetUtcNow(), context.CancellationToken))
        {
            LogDuplicate(typeof(T).Name, messageId, queue);
            await context.NotifyConsumed(clock.GetElapsedTime(started), "inbox"); // otherwise it would count as skipped
            return;
        }

        var consuming = new OutboxConsumeContext<T>(scope.Context, scope.GetService<OutboxWriter>(), scope.GetService<IBus>().Topology);
        using (scope.PushConsumeContext(consuming))
            await next.Send(consuming);
        await database.SaveChangesAsync(context.CancellationToken);
        await transaction.CommitAsync(context.CancellationToken);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("transaction");

    [LoggerMessage(LogLevel.Debug, "{MessageType} {MessageId} came again to {Queue}: it has no second effect")]
    private partial void LogDuplicate(string messageType, Guid messageId, string queue);
}
