using MassTransit;
using Shop.Messaging.Consuming;

namespace Shop.Notifications.Consumers;

internal sealed class NotifyOrderCancelledConsumer(Notifier notifier) : IConsumer<OrderCancelled>, IBatchedConsumer<OrderCancelled>
{
    public Task LoadAsync(IReadOnlyList<OrderCancelled> messages, CancellationToken cancellationToken) => notifier.LoadAsync(
        NotificationKind.OrderCancelled, [.. messages.Select(message => (message.UserId, message.OrderId))], cancellationToken);

    public Task Consume(ConsumeContext<OrderCancelled> context) => notifier.NotifyAsync(
        context.Message.UserId, context.Message.OrderId, NotificationKind.OrderCancelled, context.CancellationToken);
}
