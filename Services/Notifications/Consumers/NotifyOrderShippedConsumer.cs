using MassTransit;

namespace Shop.Notifications.Consumers;

internal sealed class NotifyOrderShippedConsumer(Notifier notifier) : IConsumer<OrderShipped>
{
    public Task Consume(ConsumeContext<OrderShipped> context) => notifier.NotifyAsync(
        context.Message.UserId, context.Message.OrderId, NotificationKind.OrderShipped, context.CancellationToken);
}
