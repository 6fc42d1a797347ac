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

/// <summary>Something a customer is told, at most once for each order, kind and channel; and, until it has been sent, its mail's place in the queue.</summary>
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

    /// <summary>When the mail server took it (UTC); null as long as it has not.</summary>
    public DateTimeOffset? SentAt { get; init; }

    /// <summary>When it is tried (UTC), next or at first; null where it has been sent or given up.</summary>
    public required DateTimeOffset? DueAt { get; init; }

    /// <summary>How often it was tried.</summary>
    public int Attempts { get; init; }

    /// <summary>The trace that it belongs to, as W3C writes it.</summary>
    public string? TraceParent { get; init; }
}
