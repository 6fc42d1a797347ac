using Shop.Contracts;

namespace Shop.Tests.Orders;

/// <summary>Inventory, Payments and Shipping for one order, by the rules that the real ones keep; what they decide is up to chance.</summary>
internal sealed class SimulatedParticipants(Guid orderId, decimal total, Random random)
{
    public string Stock { get; private set; } = "None";

    public string Shipment { get; private set; } = "None";

    public decimal Captured { get; private set; }

    public decimal Refunded { get; private set; }

    private string Payment { get; set; } = "None";

    /// <summary>Carries out a command and answers it; asked again, it answers the same again.</summary>
    public object Handle(object command) => command switch
    {
        ReserveStock => Reserve(),
        CommitStock => Commit(),
        ReleaseStock => Release(),
        CapturePayment => Capture(),
        RefundPayment => Refund(),
        CreateShipment => Arrange(),
        CancelShipment => Keep(),
        _ => throw new ArgumentException($"Nobody takes {command}."),
    };

    /// <summary>The parcel goes on its way, if there is one.</summary>
    public object? Advance()
    {
        (Shipment, var fact) = Shipment switch
        {
            "Created" => ("Dispatched", (object)new ShipmentDispatched(orderId)),
            "Dispatched" => ("Delivered", new ShipmentDelivered(orderId)),
            _ => (Shipment, null!),
        };
        return fact;
    }

    private object Reserve()
    {
        if (Stock == "None")
            Stock = random.Next(8) == 0 ? "Refused" : "Held";
        return Stock is "Held" or "Committed" ? new StockReserved(orderId) : new StockReservationFailed(orderId, []);
    }

    private object Commit()
    {
        if (Stock == "Held")
            Stock = random.Next(12) == 0 ? "Refused" : "Committed"; // a lapsed hold that could not be had again
        return Stock == "Committed" ? new StockCommitted(orderId) : new StockCommitFailed(orderId, []);
    }

    private StockReleased Release()
    {
        Stock = "Released";
        return new StockReleased(orderId);
    }

    private object Capture()
    {
        if (Payment == "None")
        {
            Payment = random.Next(6) == 0 ? "Declined" : "Captured";
            Captured = Payment == "Captured" ? total : 0;
        }

        return Payment == "Captured" ? new PaymentCaptured(orderId, total, "EUR") : new PaymentFailed(orderId, Payment);
    }

    private PaymentRefunded Refund()
    {
        Payment = Payment == "Declined" ? Payment : "Refunded";
        Refunded = Captured;
        return new PaymentRefunded(orderId, Refunded);
    }

    private object Arrange()
    {
        if (Shipment == "None")
            Shipment = random.Next(8) == 0 ? "Refused" : "Created";
        return Shipment is "Refused" or "Cancelled" ? new ShipmentFailed(orderId, Shipment) : new ShipmentCreated(orderId, orderId, "Harbour Parcel", "HP1");
    }

    private object Keep()
    {
        if (Shipment is "None" or "Created")
            Shipment = "Cancelled";
        return Shipment is "Dispatched" or "Delivered" ? new ShipmentCancelRefused(orderId) : new ShipmentCancelled(orderId);
    }
}
