using System.Diagnostics;
using Microsoft.EntityFrameworkCore;

namespace Shop.Notifications;

/// <summary>Tells customers what became of their orders. Runs inside the caller's transaction.</summary>
public sealed partial class Notifier(NotificationsDbContext database, TimeProvider clock, ILogger<Notifier> logger)
{
    /// <summary>Tells a customer once; told before, or not wishing to be told, does nothing.</summary>
    public async Task NotifyAsync(Guid userId, Guid orderId, NotificationKind kind, CancellationToken cancellationToken)
    {
        const NotificationChannel channel = NotificationChannel.Email;
        await database.LockUserAsync(userId, exclusively: false, cancellationToken);
        var isToldOrUnwanted = await database.Database
            .SqlQuery<bool>(
                $"""
                 SELECT EXISTS (SELECT FROM notifications WHERE order_id = {orderId} AND kind = {kind.ToString()} AND channel = {channel.ToString()})
                     OR EXISTS (SELECT FROM notification_wishes WHERE user_id = {userId} AND NOT {kind.ToString()} = ANY(wanted)) AS "Value"
                 """)
            .SingleAsync(cancellationToken);
        if (isToldOrUnwanted)
            return;

        database.Add(new Notification
        {
            UserId = userId,
            OrderId = orderId,
            Kind = kind,
            Channel = channel,
            DueAt = clock.GetDatabaseNow(),
            TraceParent = Activity.Current?.Id,
        });
        LogNotified(kind, orderId, channel);
    }

    [LoggerMessage(LogLevel.Information, "{Kind} for order {OrderId} by {Channel}")]
    private partial void LogNotified(NotificationKind kind, Guid orderId, NotificationChannel channel);
}
