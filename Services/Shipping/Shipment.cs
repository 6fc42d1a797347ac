namespace Shop.Shipping;

/// <summary>How far a parcel has come.</summary>
public enum ShipmentStatus
{
    /// <summary>No carrier takes it; final.</summary>
    Refused,

    /// <summary>Waits for the carrier.</summary>
    Created,
}

/// <summary>A status and when it was reached (UTC).</summary>
public sealed record ShipmentEvent(DateTimeOffset At, ShipmentStatus Status);

/// <summary>The one parcel of an order. A refusal is kept too, so that a repeated request finds its answer.</summary>
public sealed class Shipment
{
    /// <summary>UUIDv7.</summary>
    public required Guid Id { get; init; }

    /// <summary>The order; one shipment each.</summary>
    public required Guid OrderId { get; init; }

    /// <summary>How far it has come.</summary>
    public ShipmentStatus Status { get; private set; }

    /// <summary>Where it goes.</summary>
    public required PostalAddress Address { get; init; }

    /// <summary>Who brings it.</summary>
    public required string Carrier { get; init; }

    /// <summary>What the carrier knows it by; unique.</summary>
    public required string TrackingNumber { get; init; }

    /// <summary>Every status it has had, oldest first.</summary>
    public IReadOnlyList<ShipmentEvent> History { get; private set; } = [];

    /// <summary>Hands a parcel to a carrier, who may refuse the address.</summary>
    public static Shipment Arrange(Guid orderId, PostalAddress address, DateTimeOffset now)
    {
        var id = Guid.CreateVersion7();
        var shipment = new Shipment
        {
            Id = id,
            OrderId = orderId,
            Address = address,
            Carrier = SimulatedCarrier.Name,
            TrackingNumber = SimulatedCarrier.TrackingNumber(id),
        };
        shipment.Enter(SimulatedCarrier.Accepts(address) ? ShipmentStatus.Created : ShipmentStatus.Refused, now);
        return shipment;
    }

    private void Enter(ShipmentStatus status, DateTimeOffset now)
    {
        Status = status;
        History = [.. History, new ShipmentEvent(now, status)];
    }
}
