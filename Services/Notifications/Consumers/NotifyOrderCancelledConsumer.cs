using MassTransit;

namespace Shop.Notifications.Consumers;

internal sealed class NotifyOrderCancelledConsumer(Notifier notifier) : IConsumer<OrderCancelled>
{
    public Task Consume(ConsumeContext<OrderCancelled> context) => notifier.NotifyAsync(
        context.Message.UserId, context.Message.OrderId, NotificationKind.OrderCancelled, context.CancellationToken);
}
