using MassTransit;

namespace Shop.Notifications.Consumers;

internal sealed class NotifyOrderConfirmedConsumer(Notifier notifier) : IConsumer<OrderConfirmed>
{
    public Task Consume(ConsumeContext<OrderConfirmed> context) => notifier.NotifyAsync(
        context.Message.UserId, context.Message.OrderId, NotificationKind.OrderConfirmed, context.CancellationToken);
}
