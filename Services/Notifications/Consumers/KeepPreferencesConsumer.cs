using MassTransit;

namespace Shop.Notifications.Consumers;

internal sealed class KeepPreferencesConsumer(NotificationsDbContext database) : IConsumer<NotificationPreferencesChanged>
{
    public Task Consume(ConsumeContext<NotificationPreferencesChanged> context) => database.KeepWishesAsync(
        context.Message.UserId, context.Message.Wanted, context.Message.Version, context.CancellationToken);
}
