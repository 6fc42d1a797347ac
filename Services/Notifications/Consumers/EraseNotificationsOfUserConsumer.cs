using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace Shop.Notifications.Consumers;

/// <summary>Who is no longer there has been told nothing, and wants nothing, ever: late facts about their orders tell nobody.</summary>
internal sealed class EraseNotificationsOfUserConsumer(NotificationsDbContext database) : IConsumer<UserDeleted>
{
    public async Task Consume(ConsumeContext<UserDeleted> context)
    {
        var userId = context.Message.UserId;
        await database.LockUserToEraseAsync(userId, context.CancellationToken);
        await database.KeepWishesAsync(userId, [], long.MaxValue, context.CancellationToken);
        await database.Notifications.Where(notification => notification.UserId == userId).ExecuteDeleteAsync(context.CancellationToken);
    }
}
