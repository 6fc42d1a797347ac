using Microsoft.EntityFrameworkCore;

namespace Shop.Notifications;

/// <summary>Tells customers what became of their orders. Runs inside the caller's transaction.</summary>
public sealed partial class Notifier(NotificationsDbContext database, TimeProvider clock, ILogger<Notifier> logger)
{
    /// <summary>Tells a customer once; told before, or not wishing to be told, does nothing.</summary>
    public async Task NotifyAsync(Guid userId, Guid orderId, NotificationKind kind, CancellationToken cancellationToken)
    {
        const NotificationChannel channel = NotificationChannel.Email;
        if (await database.Notifications.AnyAsync(n => n.OrderId == orderId && n.Kind == kind && n.Channel == channel, cancellationToken))
            return;
        if (await database.Wishes.FindAsync([userId], cancellationToken) is { Wanted: var wanted } && !wanted.Contains(kind.ToString()))
            return;

        database.Add(new Notification
        {
            UserId = userId,
            OrderId = orderId,
            Kind = kind,
            Channel = channel,
            SentAt = clock.GetDatabaseNow(),
        });
        LogNotified(kind, orderId, channel);
    }

    [LoggerMessage(LogLevel.Information, "{Kind} for order {OrderId} by {Channel}")]
    private partial void LogNotified(NotificationKind kind, Guid orderId, NotificationChannel channel);
}
