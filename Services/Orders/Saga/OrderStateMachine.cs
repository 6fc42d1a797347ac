using MassTransit;

namespace Shop.Orders.Saga;

/// <summary>
/// Coordinates an order across the services: reserve stock, capture the payment, commit the stock, arrange the shipment; and where one
/// of them says no, undo what was asked for before. docs/patterns/saga.md tells the story.
/// </summary>
public sealed class OrderStateMachine : MassTransitStateMachine<OrderState>
{
    /// <summary>Builds the machine.</summary>
    public OrderStateMachine(TimeProvider clock)
    {
        InstanceState(saga => saga.CurrentState);
        Event(() => OrderSubmitted, e => e.ByOrder(m => m.OrderId));
        Event(() => StockReserved, e => e.ByOrder(m => m.OrderId));
        Event(() => StockReservationFailed, e => e.ByOrder(m => m.OrderId));
        Event(() => PaymentCaptured, e => e.ByOrder(m => m.OrderId));
        Event(() => PaymentFailed, e => e.ByOrder(m => m.OrderId));
        Event(() => StockCommitted, e => e.ByOrder(m => m.OrderId));
        Event(() => StockCommitFailed, e => e.ByOrder(m => m.OrderId));
        Event(() => ShipmentCreated, e => e.ByOrder(m => m.OrderId));
        Event(() => ShipmentFailed, e => e.ByOrder(m => m.OrderId));
        Event(() => StockReleased, e => e.ByOrder(m => m.OrderId));
        Event(() => PaymentRefunded, e => e.ByOrder(m => m.OrderId));

        During(Submitted,
            When(OrderSubmitted)
                .ReserveStock()
                .TransitionTo(ReservingStock));

        During(ReservingStock,
            When(StockReserved)
                .Record(clock)
                .CapturePayment()
                .TransitionTo(CapturingPayment),
            When(StockReservationFailed)
                .Record(clock)
                .Then(c => c.Saga.Order.BeginCancelling(CancellationReasons.OutOfStock, c.Message.Shortages))
                .Cancel(clock)
                .TransitionTo(Cancelled));

        During(CapturingPayment,
            When(PaymentCaptured)
                .Record(clock)
                .CommitStock()
                .TransitionTo(CommittingStock),
            When(PaymentFailed)
                .Record(clock, c => c.Message.Reason)
                .Then(c => c.Saga.Order.BeginCancelling(CancellationReasons.PaymentDeclined))
                .ReleaseStock()
                .TransitionTo(Cancelling));

        During(CommittingStock,
            When(StockCommitted)
                .Record(clock)
                .CreateShipment()
                .TransitionTo(ArrangingShipment),
            When(StockCommitFailed)
                .Record(clock)
                .Then(c => c.Saga.Order.BeginCancelling(CancellationReasons.OutOfStock, c.Message.Shortages))
                .RefundPayment()
                .ReleaseStock()
                .TransitionTo(Cancelling));

        During(ArrangingShipment,
            When(ShipmentCreated)
                .Record(clock)
                .Confirm(clock)
                .TransitionTo(Confirmed),
            When(ShipmentFailed)
                .Record(clock, c => c.Message.Reason)
                .Then(c => c.Saga.Order.BeginCancelling(CancellationReasons.ShipmentRefused))
                .RefundPayment()
                .ReleaseStock()
                .TransitionTo(Cancelling));

        During(Cancelling,
            When(PaymentRefunded, c => c.Saga.AwaitsRefund)
                .Then(c => c.Saga.AwaitsRefund = false)
                .Record(clock)
                .If(c => c.Saga.IsUndone, undone => undone.Cancel(clock).TransitionTo(Cancelled)),
            When(StockReleased, c => c.Saga.AwaitsRelease)
                .Then(c => c.Saga.AwaitsRelease = false)
                .Record(clock)
                .If(c => c.Saga.IsUndone, undone => undone.Cancel(clock).TransitionTo(Cancelled)));

        // Messages may be repeated: an answer to a step that the saga has left changes nothing.
        During(ReservingStock, Ignore(OrderSubmitted));
        During(CapturingPayment, Ignore(OrderSubmitted), Ignore(StockReserved));
        During(CommittingStock, Ignore(OrderSubmitted), Ignore(StockReserved), Ignore(PaymentCaptured));
        During(ArrangingShipment, Ignore(OrderSubmitted), Ignore(StockReserved), Ignore(PaymentCaptured), Ignore(StockCommitted));
        foreach (var settled in new[] { Confirmed, Cancelling, Cancelled })
        {
            During(settled,
                Ignore(OrderSubmitted),
                Ignore(StockReserved),
                Ignore(StockReservationFailed),
                Ignore(PaymentCaptured),
                Ignore(PaymentFailed),
                Ignore(StockCommitted),
                Ignore(StockCommitFailed),
                Ignore(ShipmentCreated),
                Ignore(ShipmentFailed));
        }

        During(Cancelled, Ignore(PaymentRefunded), Ignore(StockReleased));
    }

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

    /// <summary>Done.</summary>
    public State Confirmed { get; private set; } = null!;

    /// <summary>Waits for every undo that it asked for.</summary>
    public State Cancelling { get; private set; } = null!;

    /// <summary>Ended without effect.</summary>
    public State Cancelled { get; private set; } = null!;

    /// <summary>See <see cref="Contracts.OrderSubmitted"/>.</summary>
    public Event<OrderSubmitted> OrderSubmitted { get; private set; } = null!;

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

    /// <summary>See <see cref="Contracts.StockReleased"/>.</summary>
    public Event<StockReleased> StockReleased { get; private set; } = null!;

    /// <summary>See <see cref="Contracts.PaymentRefunded"/>.</summary>
    public Event<PaymentRefunded> PaymentRefunded { get; private set; } = null!;
}
