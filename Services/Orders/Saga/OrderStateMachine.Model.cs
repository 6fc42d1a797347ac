using MassTransit;

namespace Shop.Orders.Saga;

// The machine's states and events.
public sealed partial class OrderStateMachine
{
    /// <summary>Accepted and stored; nothing has been asked yet.</summary>
    public State Submitted { get; private set; } = null!;

    /// <summary>Waits for Inventory to hold the lines.</summary>
    public State ReservingStock { get; private set; } = null!;

    /// <summary>Waits for Payments to capture the total.</summary>
    public State CapturingPayment { get; private set; } = null!;

    /// <summary>Waits for Inventory to take the lines off the shelf.</summary>
    public State CommittingStock { get; private set; } = null!;

    /// <summary>Waits for Shipping to find a carrier.</summary>
    public State ArrangingShipment { get; private set; } = null!;

    /// <summary>All is arranged; the parcel waits for the carrier.</summary>
    public State Confirmed { get; private set; } = null!;

    /// <summary>The carrier has the parcel.</summary>
    public State Shipped { get; private set; } = null!;

    /// <summary>The customer has the parcel.</summary>
    public State Delivered { get; private set; } = null!;

    /// <summary>Waits for Shipping to decide whether the parcel can still be kept from leaving.</summary>
    public State CancellingShipment { get; private set; } = null!;

    /// <summary>Waits for every undo that it asked for.</summary>
    public State Cancelling { get; private set; } = null!;

    /// <summary>Ended without effect.</summary>
    public State Cancelled { get; private set; } = null!;

    /// <summary>The one timeout that is pending while the saga waits.</summary>
    public Schedule<OrderState, StepTimedOut> Timeout { get; private set; } = null!;

    /// <summary>See <see cref="Contracts.OrderSubmitted"/>.</summary>
    public Event<OrderSubmitted> OrderSubmitted { get; private set; } = null!;

    /// <summary>See <see cref="Contracts.CancelOrder"/>.</summary>
    public Event<CancelOrder> CancelOrder { get; private set; } = null!;

    /// <summary>See <see cref="Contracts.StockReserved"/>.</summary>
    public Event<StockReserved> StockReserved { get; private set; } = null!;

    /// <summary>See <see cref="Contracts.StockReservationFailed"/>.</summary>
    public Event<StockReservationFailed> StockReservationFailed { get; private set; } = null!;

    /// <summary>See <see cref="Contracts.PaymentCaptured"/>.</summary>
    public Event<PaymentCaptured> PaymentCaptured { get; private set; } = null!;

    /// <summary>See <see cref="Contracts.PaymentFailed"/>.</summary>
    public Event<PaymentFailed> PaymentFailed { get; private set; } = null!;

    /// <summary>See <see cref="Contracts.StockCommitted"/>.</summary>
    public Event<StockCommitted> StockCommitted { get; private set; } = null!;

    /// <summary>See <see cref="Contracts.StockCommitFailed"/>.</summary>
    public Event<StockCommitFailed> StockCommitFailed { get; private set; } = null!;

    /// <summary>See <see cref="Contracts.ShipmentCreated"/>.</summary>
    public Event<ShipmentCreated> ShipmentCreated { get; private set; } = null!;

    /// <summary>See <see cref="Contracts.ShipmentFailed"/>.</summary>
    public Event<ShipmentFailed> ShipmentFailed { get; private set; } = null!;

    /// <summary>See <see cref="Contracts.ShipmentDispatched"/>.</summary>
    public Event<ShipmentDispatched> ShipmentDispatched { get; private set; } = null!;

    /// <summary>See <see cref="Contracts.ShipmentDelivered"/>.</summary>
    public Event<ShipmentDelivered> ShipmentDelivered { get; private set; } = null!;

    /// <summary>See <see cref="Contracts.ShipmentCancelled"/>.</summary>
    public Event<ShipmentCancelled> ShipmentCancelled { get; private set; } = null!;

    /// <summary>See <see cref="Contracts.ShipmentCancelRefused"/>.</summary>
    public Event<ShipmentCancelRefused> ShipmentCancelRefused { get; private set; } = null!;

    /// <summary>See <see cref="Contracts.StockReleased"/>.</summary>
    public Event<StockReleased> StockReleased { get; private set; } = null!;

    /// <summary>See <see cref="Contracts.PaymentRefunded"/>.</summary>
    public Event<PaymentRefunded> PaymentRefunded { get; private set; } = null!;

    /// <summary>The order that a message of the saga's queue is about.</summary>
    public static Guid OrderOf(object message) => message switch
    {
        OrderSubmitted m => m.OrderId,
        CancelOrder m => m.OrderId,
        StockReserved m => m.OrderId,
        StockReservationFailed m => m.OrderId,
        PaymentCaptured m => m.OrderId,
        PaymentFailed m => m.OrderId,
        StockCommitted m => m.OrderId,
        StockCommitFailed m => m.OrderId,
        ShipmentCreated m => m.OrderId,
        ShipmentFailed m => m.OrderId,
        ShipmentDispatched m => m.OrderId,
        ShipmentDelivered m => m.OrderId,
        ShipmentCancelled m => m.OrderId,
        ShipmentCancelRefused m => m.OrderId,
        StockReleased m => m.OrderId,
        PaymentRefunded m => m.OrderId,
        StepTimedOut m => m.OrderId,
        _ => throw new ArgumentException($"{message.GetType().Name} is no message of the order saga.", nameof(message)),
    };

    private void CorrelateEvents()
    {
        Event(() => OrderSubmitted, e => e.ByOrder());
        Event(() => CancelOrder, e => e.ByOrder());
        Event(() => StockReserved, e => e.ByOrder());
        Event(() => StockReservationFailed, e => e.ByOrder());
        Event(() => PaymentCaptured, e => e.ByOrder());
        Event(() => PaymentFailed, e => e.ByOrder());
        Event(() => StockCommitted, e => e.ByOrder());
        Event(() => StockCommitFailed, e => e.ByOrder());
        Event(() => ShipmentCreated, e => e.ByOrder());
        Event(() => ShipmentFailed, e => e.ByOrder());
        Event(() => ShipmentDispatched, e => e.ByOrder());
        Event(() => ShipmentDelivered, e => e.ByOrder());
        Event(() => ShipmentCancelled, e => e.ByOrder());
        Event(() => ShipmentCancelRefused, e => e.ByOrder());
        Event(() => StockReleased, e => e.ByOrder());
        Event(() => PaymentRefunded, e => e.ByOrder());
        Schedule(() => Timeout, saga => saga.TimeoutToken, s => s.Received = e => e.ByOrder());
    }
}
