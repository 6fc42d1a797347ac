using MassTransit;

namespace Shop.Orders.Saga;

/// <summary>
/// Coordinates an order across the services: reserve stock, capture the payment, commit the stock, arrange the shipment; and where one
/// of them says no, or nothing, or the customer changes their mind, undo everything that was asked for. docs/patterns/saga.md tells the story.
/// </summary>
public sealed partial class OrderStateMachine : MassTransitStateMachine<OrderState>
{
    /// <summary>Builds the machine.</summary>
    public OrderStateMachine()
    {
        InstanceState(saga => saga.CurrentState);
        CorrelateEvents();
        ConnectStateObserver(new OrderMetrics.Observer());

        During(Submitted,
            When(OrderSubmitted)
                .ReserveStock().Wait(Timeout, t => t.Stock)
                .TransitionTo(ReservingStock),
            When(CancelOrder)
                .BeginCancelling(CancellationReasons.Requested).Cancelled()
                .TransitionTo(Cancelled));

        During(ReservingStock,
            When(StockReserved)
                .Record().CapturePayment().Wait(Timeout, t => t.Payment)
                .TransitionTo(CapturingPayment),
            When(StockReservationFailed)
                .Record().BeginCancelling(CancellationReasons.OutOfStock, c => c.Message.Shortages).Cancelled()
                .Unschedule(Timeout)
                .TransitionTo(Cancelled),
            When(Timeout.Received)
                .IfElse(
                    FirstTime,
                    again => again.ReserveStock().WaitAgain(Timeout, t => t.Stock),
                    enough => enough.BeginCancelling(CancellationReasons.TimedOut).ReleaseStock().Wait(Timeout, t => t.Undo).TransitionTo(Cancelling)),
            When(CancelOrder)
                .BeginCancelling(CancellationReasons.Requested).ReleaseStock().Wait(Timeout, t => t.Undo)
                .TransitionTo(Cancelling));

        During(CapturingPayment,
            When(PaymentCaptured)
                .Record().CommitStock().Wait(Timeout, t => t.Stock)
                .TransitionTo(CommittingStock),
            When(PaymentFailed)
                .Record(c => c.Message.Reason).BeginCancelling(CancellationReasons.PaymentDeclined).ReleaseStock().Wait(Timeout, t => t.Undo)
                .TransitionTo(Cancelling),
            When(Timeout.Received)
                .IfElse(
                    FirstTime,
                    again => again.CapturePayment().WaitAgain(Timeout, t => t.Payment),
                    enough => enough.BeginCancelling(CancellationReasons.TimedOut).RefundPayment().ReleaseStock().Wait(Timeout, t => t.Undo).TransitionTo(Cancelling)),
            When(CancelOrder)
                .BeginCancelling(CancellationReasons.Requested).RefundPayment().ReleaseStock().Wait(Timeout, t => t.Undo)
                .TransitionTo(Cancelling));

        During(CommittingStock,
            When(StockCommitted)
                .Record().CreateShipment().Wait(Timeout, t => t.Shipment)
                .TransitionTo(ArrangingShipment),
            When(StockCommitFailed)
                .Record().BeginCancelling(CancellationReasons.OutOfStock, c => c.Message.Shortages)
                .RefundPayment().ReleaseStock().Wait(Timeout, t => t.Undo)
                .TransitionTo(Cancelling),
            When(Timeout.Received)
                .IfElse(
                    FirstTime,
                    again => again.CommitStock().WaitAgain(Timeout, t => t.Stock),
                    enough => enough.BeginCancelling(CancellationReasons.TimedOut).RefundPayment().ReleaseStock().Wait(Timeout, t => t.Undo).TransitionTo(Cancelling)),
            When(CancelOrder)
                .BeginCancelling(CancellationReasons.Requested).RefundPayment().ReleaseStock().Wait(Timeout, t => t.Undo)
                .TransitionTo(Cancelling));

        During(ArrangingShipment,
            When(ShipmentCreated)
                .Record().Confirmed().Unschedule(Timeout)
                .TransitionTo(Confirmed),
            When(ShipmentFailed)
                .Record(c => c.Message.Reason).BeginCancelling(CancellationReasons.ShipmentRefused)
                .RefundPayment().ReleaseStock().Wait(Timeout, t => t.Undo)
                .TransitionTo(Cancelling),
            When(Timeout.Received)
                .IfElse(
                    FirstTime,
                    again => again.CreateShipment().WaitAgain(Timeout, t => t.Shipment),
                    enough => enough.AskToCancelShipment(CancellationReasons.TimedOut).Wait(Timeout, t => t.Undo).TransitionTo(CancellingShipment)));

        // Where a parcel may exist, Shipping decides: money and stock move only after it. Dispatch and delivery may overtake what comes before them.
        foreach (var state in new[] { ArrangingShipment, Confirmed })
        {
            During(state,
                When(CancelOrder)
                    .AskToCancelShipment(CancellationReasons.Requested).Wait(Timeout, t => t.Undo)
                    .TransitionTo(CancellingShipment),
                When(ShipmentDispatched)
                    .Confirmed().Shipped().Unschedule(Timeout)
                    .TransitionTo(Shipped),
                When(ShipmentDelivered)
                    .Confirmed().Shipped().Delivered().Unschedule(Timeout)
                    .TransitionTo(Delivered));
        }

        During(CancellingShipment,
            When(ShipmentCancelled)
                .Record().BeginCancelling(c => c.Saga.PendingReason!).RefundPayment().ReleaseStock().Wait(Timeout, t => t.Undo)
                .TransitionTo(Cancelling),
            When(ShipmentCancelRefused)
                .CancellationRefused().Confirmed().Shipped().Unschedule(Timeout)
                .TransitionTo(Shipped),
            When(ShipmentDispatched)
                .CancellationRefused().Confirmed().Shipped().Unschedule(Timeout)
                .TransitionTo(Shipped),
            When(ShipmentDelivered)
                .CancellationRefused().Confirmed().Shipped().Delivered().Unschedule(Timeout)
                .TransitionTo(Delivered),
            When(Timeout.Received)
                .RepeatCancelShipment().WaitAgain(Timeout, t => t.Undo));

        During(Shipped,
            When(ShipmentDelivered)
                .Delivered()
                .TransitionTo(Delivered),
            When(CancelOrder)
                .CancellationRefused());

        During(Delivered,
            When(CancelOrder)
                .CancellationRefused());

        During(Cancelling,
            When(PaymentRefunded, c => c.Saga.AwaitsRefund)
                .Then(c => c.Saga.AwaitsRefund = false).Record()
                .If(c => c.Saga.IsUndone, undone => undone.Cancelled().Unschedule(Timeout).TransitionTo(Cancelled)),
            When(StockReleased, c => c.Saga.AwaitsRelease)
                .Then(c => c.Saga.AwaitsRelease = false).Record()
                .If(c => c.Saga.IsUndone, undone => undone.Cancelled().Unschedule(Timeout).TransitionTo(Cancelled)),
            When(Timeout.Received)
                .RepeatUndo().WaitAgain(Timeout, t => t.Undo));

        IgnoreLateAndRepeated();
    }

    private static bool FirstTime(BehaviorContext<OrderState, StepTimedOut> context) => context.Saga.Repeats == 0;

    /// <summary>
    /// Messages may be repeated and overtake each other: an answer that is no longer waited for, or not yet, changes nothing. Every pair of
    /// state and event is named, above or here, so that a new one is a decision and not an accident.
    /// </summary>
    private void IgnoreLateAndRepeated()
    {
        Event[] reserve = [StockReserved, StockReservationFailed];
        Event[] capture = [PaymentCaptured, PaymentFailed];
        Event[] commit = [StockCommitted, StockCommitFailed];
        Event[] arrange = [ShipmentCreated, ShipmentFailed];
        Event[] parcel = [ShipmentDispatched, ShipmentDelivered];
        Event[] keep = [ShipmentCancelled, ShipmentCancelRefused];
        Event[] undo = [PaymentRefunded, StockReleased];

        Ignores(Submitted, [.. reserve, .. capture, .. commit, .. arrange, .. parcel, .. keep, .. undo, Timeout.Received]);
        Ignores(ReservingStock, [OrderSubmitted, .. capture, .. commit, .. arrange, .. parcel, .. keep, .. undo]);
        Ignores(CapturingPayment, [OrderSubmitted, .. reserve, .. commit, .. arrange, .. parcel, .. keep, .. undo]);
        Ignores(CommittingStock, [OrderSubmitted, .. reserve, .. capture, .. arrange, .. parcel, .. keep, .. undo]);
        Ignores(ArrangingShipment, [OrderSubmitted, .. reserve, .. capture, .. commit, .. keep, .. undo]);
        Ignores(Confirmed, [OrderSubmitted, .. reserve, .. capture, .. commit, .. arrange, .. keep, .. undo, Timeout.Received]);
        Ignores(CancellingShipment, [OrderSubmitted, CancelOrder, .. reserve, .. capture, .. commit, .. arrange, .. undo]);
        Ignores(Shipped, [OrderSubmitted, .. reserve, .. capture, .. commit, .. arrange, ShipmentDispatched, .. keep, .. undo, Timeout.Received]);
        Ignores(Delivered, [OrderSubmitted, .. reserve, .. capture, .. commit, .. arrange, .. parcel, .. keep, .. undo, Timeout.Received]);
        Ignores(Cancelling, [OrderSubmitted, CancelOrder, .. reserve, .. capture, .. commit, .. arrange, .. parcel, .. keep]);
        Ignores(Cancelled, [OrderSubmitted, CancelOrder, .. reserve, .. capture, .. commit, .. arrange, .. parcel, .. keep, .. undo, Timeout.Received]);
    }

    private void Ignores(State state, Event[] events) => During(state, [.. events.Select(Ignore)]);
}
