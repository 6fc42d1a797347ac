namespace Shop.Contracts;

/// <summary>An order has been accepted and stored; its saga may begin.</summary>
public sealed record OrderSubmitted(Guid OrderId, Guid UserId, IReadOnlyList<StockLine> Lines);

/// <summary>To Orders: the customer, or the shop, wants the order undone.</summary>
public sealed record CancelOrder(Guid OrderId);

/// <summary>Stock is committed, money captured and a shipment arranged.</summary>
public sealed record OrderConfirmed(Guid OrderId, Guid UserId, decimal Total, string Currency);

/// <summary>The carrier has the order's parcel.</summary>
public sealed record OrderShipped(Guid OrderId, Guid UserId);

/// <summary>The customer has the order's parcel.</summary>
public sealed record OrderDelivered(Guid OrderId, Guid UserId);

/// <summary>The order has ended without effect: nothing is held, nothing is paid.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="UserId">The customer.</param>
/// <param name="Reason">One of the names in <see cref="CancellationReasons"/>.</param>
public sealed record OrderCancelled(Guid OrderId, Guid UserId, string Reason);

/// <summary>Why an order was cancelled, as clients see it.</summary>
public static class CancellationReasons
{
    /// <summary>At least one line asked for more than was available.</summary>
    public const string OutOfStock = nameof(OutOfStock);

    /// <summary>The payment provider declined.</summary>
    public const string PaymentDeclined = nameof(PaymentDeclined);

    /// <summary>The carrier does not deliver to the address.</summary>
    public const string ShipmentRefused = nameof(ShipmentRefused);

    /// <summary>The customer, or the shop, asked for it.</summary>
    public const string Requested = nameof(Requested);

    /// <summary>A step was asked for twice and not answered in time.</summary>
    public const string TimedOut = nameof(TimedOut);
}
