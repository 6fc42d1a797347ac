using MassTransit;
using Shop.Messaging.Consuming;

namespace Shop.Notifications.Consumers;

internal sealed class NotifyOrderShippedConsumer(Notifier notifier) : IConsumer<OrderShipped>, IBatchedConsumer<OrderShipped>
{
    public Task LoadAsync(IReadOnlyList<OrderShipped> messages, CancellationToken cancellationToken) => notifier.LoadAsync(
        NotificationKind.OrderShipped, [.. messages.Select(message => (message.UserId, message.OrderId))], cancellationToken);

    public Task Consume(ConsumeContext<OrderShipped> context) => notifier.NotifyAsync(
        context.Message.UserId, context.Message.OrderId, NotificationKind.OrderShipped, context.CancellationToken);
}
