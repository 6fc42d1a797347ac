using MassTransit;

namespace Shop.Notifications.Consumers;

internal sealed class NotifyOrderDeliveredConsumer(Notifier notifier) : IConsumer<OrderDelivered>
{
    public Task Consume(ConsumeContext<OrderDelivered> context) => notifier.NotifyAsync(
        context.Message.UserId, context.Message.OrderId, NotificationKind.OrderDelivered, context.CancellationToken);
}
