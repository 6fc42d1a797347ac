using System.Diagnostics;
using Microsoft.EntityFrameworkCore;

namespace Shop.Notifications;

/// <summary>Tells customers what became of their orders. Runs inside the caller's transaction.</summary>
public sealed partial class Notifier(NotificationsDbContext database, TimeProvider clock, ILogger<Notifier> logger)
{
    private const NotificationChannel Channel = NotificationChannel.Email;

    // What this transaction has looked up: whether the customer was told before, or does not wish to be.
    private readonly Dictionary<(Guid OrderId, NotificationKind Kind), bool> _isToldOrUnwanted = [];

    /// <summary>Looks up what several customers may be told, in two statements.</summary>
    public async Task LoadAsync(NotificationKind kind, IReadOnlyCollection<(Guid UserId, Guid OrderId)> orders, CancellationToken cancellationToken)
    {
        Guid[] userIds = [.. orders.Select(order => order.UserId)], orderIds = [.. orders.Select(order => order.OrderId)];
        await database.LockUsersAsync(userIds, cancellationToken);
        var silent = await database.Database
            .SqlQuery<Guid>(
                $"""
                 SELECT order_id AS "Value" FROM unnest({orderIds}, {userIds}) AS asked (order_id, user_id)
                 WHERE EXISTS (SELECT FROM notifications AS told
                               WHERE told.order_id = asked.order_id AND told.kind = {kind.ToString()} AND told.channel = {Channel.ToString()})
                     OR EXISTS (SELECT FROM notification_wishes AS wishes WHERE wishes.user_id = asked.user_id AND NOT {kind.ToString()} = ANY(wishes.wanted))
                 """)
            .ToListAsync(cancellationToken);
        foreach (var orderId in orderIds)
            _isToldOrUnwanted[(orderId, kind)] = silent.Contains(orderId);
    }

    /// <summary>Tells a customer once; told before, or not wishing to be told, does nothing.</summary>
    public async Task NotifyAsync(Guid userId, Guid orderId, NotificationKind kind, CancellationToken cancellationToken)
    {
        if (!_isToldOrUnwanted.ContainsKey((orderId, kind)))
            await LoadAsync(kind, [(userId, orderId)], cancellationToken);
        if (_isToldOrUnwanted[(orderId, kind)])
            return;

        _isToldOrUnwanted[(orderId, kind)] = true;
        database.Add(new Notification
        {
            UserId = userId,
            OrderId = orderId,
            Kind = kind,
            Channel = Channel,
            DueAt = clock.GetDatabaseNow(),
            TraceParent = Activity.Current?.Id,
        });
        LogNotified(kind, orderId, Channel);
    }

    [LoggerMessage(LogLevel.Information, "{Kind} for order {OrderId} by {Channel}")]
    private partial void LogNotified(NotificationKind kind, Guid orderId, NotificationChannel channel);
}
