using MassTransit;
using Shop.Messaging.Consuming;

namespace Shop.Notifications.Consumers;

internal sealed class NotifyOrderDeliveredConsumer(Notifier notifier) : IConsumer<OrderDelivered>, IBatchedConsumer<OrderDelivered>
{
    public Task LoadAsync(IReadOnlyList<OrderDelivered> messages, CancellationToken cancellationToken) => notifier.LoadAsync(
        NotificationKind.OrderDelivered, [.. messages.Select(message => (message.UserId, message.OrderId))], cancellationToken);

    public Task Consume(ConsumeContext<OrderDelivered> context) => notifier.NotifyAsync(
        context.Message.UserId, context.Message.OrderId, NotificationKind.OrderDelivered, context.CancellationToken);
}
