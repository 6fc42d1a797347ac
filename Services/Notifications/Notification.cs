namespace Shop.Notifications;

/// <summary>What a notification tells.</summary>
public enum NotificationKind
{
    /// <summary>The order will be sent.</summary>
    OrderConfirmed,

    /// <summary>The carrier has the parcel.</summary>
    OrderShipped,

    /// <summary>The parcel has arrived.</summary>
    OrderDelivered,

    /// <summary>The order has been undone.</summary>
    OrderCancelled,
}

/// <summary>By what way it reaches the customer.</summary>
public enum NotificationChannel
{
    /// <summary>Electronic mail.</summary>
    Email,
}

/// <summary>Something a customer was told; at most once for each order, kind and channel.</summary>
public sealed class Notification
{
    /// <summary>UUIDv7.</summary>
    public Guid Id { get; private init; } = Guid.CreateVersion7();

    /// <summary>Who was told.</summary>
    public required Guid UserId { get; init; }

    /// <summary>About which order.</summary>
    public required Guid OrderId { get; init; }

    /// <summary>What was told.</summary>
    public required NotificationKind Kind { get; init; }

    /// <summary>By what way.</summary>
    public required NotificationChannel Channel { get; init; }

    /// <summary>When (UTC).</summary>
    public required DateTimeOffset SentAt { get; init; }
}
