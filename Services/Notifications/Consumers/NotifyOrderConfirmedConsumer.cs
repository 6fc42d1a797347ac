using MassTransit;
using Shop.Messaging.Consuming;

namespace Shop.Notifications.Consumers;

internal sealed class NotifyOrderConfirmedConsumer(Notifier notifier) : IConsumer<OrderConfirmed>, IBatchedConsumer<OrderConfirmed>
{
    public Task LoadAsync(IReadOnlyList<OrderConfirmed> messages, CancellationToken cancellationToken) => notifier.LoadAsync(
        NotificationKind.OrderConfirmed, [.. messages.Select(message => (message.UserId, message.OrderId))], cancellationToken);

    public Task Consume(ConsumeContext<OrderConfirmed> context) => notifier.NotifyAsync(
        context.Message.UserId, context.Message.OrderId, NotificationKind.OrderConfirmed, context.CancellationToken);
}
