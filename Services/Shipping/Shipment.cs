namespace Shop.Shipping;

/// <summary>How far a parcel has come.</summary>
public enum ShipmentStatus
{
    /// <summary>No carrier takes it; final.</summary>
    Refused,

    /// <summary>Waits for the carrier.</summary>
    Created,

    /// <summary>The carrier has it.</summary>
    Dispatched,

    /// <summary>The customer has it; final.</summary>
    Delivered,

    /// <summary>Kept from leaving, or cancelled before it was arranged; final.</summary>
    Cancelled,
}

/// <summary>A status and when it was reached (UTC).</summary>
public sealed record ShipmentEvent(DateTimeOffset At, ShipmentStatus Status);

/// <summary>The one parcel of an order. Refusals and cancellations are kept too, so that a repeated request finds its answer.</summary>
public sealed class Shipment
{
    /// <summary>UUIDv7.</summary>
    public Guid Id { get; private init; } = Guid.CreateVersion7();

    /// <summary>The order; one shipment each.</summary>
    public required Guid OrderId { get; init; }

    /// <summary>How far it has come.</summary>
    public ShipmentStatus Status { get; private set; }

    /// <summary>Where it goes; null where it was cancelled before it was arranged.</summary>
    public PostalAddress? Address { get; init; }

    /// <summary>Who brings it.</summary>
    public string Carrier { get; private init; } = SimulatedCarrier.Name;

    /// <summary>What the carrier knows it by; unique.</summary>
    public string TrackingNumber => SimulatedCarrier.TrackingNumber(Id);

    /// <summary>Every status it has had, oldest first.</summary>
    public IReadOnlyList<ShipmentEvent> History { get; private set; } = [];

    /// <summary>Whether the parcel has left.</summary>
    public bool HasLeft => Status is ShipmentStatus.Dispatched or ShipmentStatus.Delivered;

    /// <summary>Hands a parcel to a carrier, who may refuse the address.</summary>
    public static Shipment Arrange(Guid orderId, PostalAddress address, DateTimeOffset now)
    {
        var shipment = new Shipment { OrderId = orderId, Address = address };
        shipment.Enter(SimulatedCarrier.Accepts(address) ? ShipmentStatus.Created : ShipmentStatus.Refused, now);
        return shipment;
    }

    /// <summary>A mark that a parcel must not be arranged any more.</summary>
    public static Shipment CancelledBeforeArranged(Guid orderId, DateTimeOffset now)
    {
        var shipment = new Shipment { OrderId = orderId };
        shipment.Enter(ShipmentStatus.Cancelled, now);
        return shipment;
    }

    /// <summary>Keeps the parcel from leaving. One that has left is not touched; one that was refused needs nothing.</summary>
    public void Cancel(DateTimeOffset now)
    {
        if (Status is ShipmentStatus.Created)
            Enter(ShipmentStatus.Cancelled, now);
    }

    /// <summary>Takes the next step on the way: created → dispatched → delivered.</summary>
    /// <returns>False where the step is not the next one.</returns>
    public bool TryAdvance(ShipmentStatus next, DateTimeOffset now)
    {
        if ((Status, next) is not ((ShipmentStatus.Created, ShipmentStatus.Dispatched) or (ShipmentStatus.Dispatched, ShipmentStatus.Delivered)))
            return false;
        Enter(next, now);
        return true;
    }

    private void Enter(ShipmentStatus status, DateTimeOffset now)
    {
        Status = status;
        History = [.. History, new ShipmentEvent(now, status)];
    }
}
