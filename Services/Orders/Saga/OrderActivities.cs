using MassTransit;
using Microsoft.Extensions.Options;

namespace Shop.Orders.Saga;

/// <summary>The words that <see cref="OrderStateMachine"/> is written in.</summary>
internal static class OrderActivities
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    /// <summary>Correlates by order; an event whose saga is missing goes to the error queue, where MassTransit would discard it.</summary>
    public static void ByOrder<T>(this IEventCorrelationConfigurator<OrderState, T> correlation)
        where T : class
    {
        correlation.CorrelateById(context => OrderStateMachine.OrderOf(context.Message));
        correlation.OnMissingInstance(missing => missing.Fault());
    }

    /// <summary>Adds the message to the order's timeline, under its own name.</summary>
    public static EventActivityBinder<OrderState, T> Record<T>(
        this EventActivityBinder<OrderState, T> step, Func<BehaviorContext<OrderState, T>, string?>? detail = null)
        where T : class =>
        step.Then(c => c.Record(typeof(T).Name, detail?.Invoke(c)));

    /// <summary>Waits for an answer, for the first time.</summary>
    public static EventActivityBinder<OrderState, T> Wait<T>(
        this EventActivityBinder<OrderState, T> step, Schedule<OrderState, StepTimedOut> timeout, Func<OrderTimeouts, TimeSpan> delay)
        where T : class =>
        step
            .Then(c => c.Saga.Repeats = 0)
            .Schedule(timeout, c => new StepTimedOut(c.Saga.CorrelationId), c => delay(c.Timeouts));

    /// <summary>Waits for an answer that has been asked for again: twice as long each time, up to a minute where it began below one.</summary>
    public static EventActivityBinder<OrderState, T> WaitAgain<T>(
        this EventActivityBinder<OrderState, T> step, Schedule<OrderState, StepTimedOut> timeout, Func<OrderTimeouts, TimeSpan> delay)
        where T : class =>
        step
            .Then(c => c.Saga.Repeats++)
            .Schedule(timeout, c => new StepTimedOut(c.Saga.CorrelationId), c => Doubled(delay(c.Timeouts), c.Saga.Repeats));

    public static EventActivityBinder<OrderState, T> ReserveStock<T>(this EventActivityBinder<OrderState, T> step)
        where T : class =>
        step.Publish(c => new ReserveStock(
            c.Saga.CorrelationId,
            [.. c.Saga.Order.Lines.Select(line => new StockLine(line.ProductId, line.Quantity))],
            c.Service<TimeProvider>().GetDatabaseNow() + c.Timeouts.Hold));

    public static EventActivityBinder<OrderState, T> CapturePayment<T>(this EventActivityBinder<OrderState, T> step)
        where T : class =>
        step.Publish(c => new CapturePayment(c.Saga.CorrelationId, c.Saga.Order.Total, c.Saga.Order.Currency, c.Saga.Order.PaymentMethod));

    public static EventActivityBinder<OrderState, T> CommitStock<T>(this EventActivityBinder<OrderState, T> step)
        where T : class =>
        step.Publish(c => new CommitStock(c.Saga.CorrelationId));

    public static EventActivityBinder<OrderState, T> CreateShipment<T>(this EventActivityBinder<OrderState, T> step)
        where T : class =>
        step.Publish(c => new CreateShipment(c.Saga.CorrelationId, c.Saga.Order.ShippingAddress));

    public static EventActivityBinder<OrderState, T> ReleaseStock<T>(this EventActivityBinder<OrderState, T> step)
        where T : class =>
        step
            .Then(c => c.Saga.AwaitsRelease = true)
            .Publish(c => new ReleaseStock(c.Saga.CorrelationId));

    public static EventActivityBinder<OrderState, T> RefundPayment<T>(this EventActivityBinder<OrderState, T> step)
        where T : class =>
        step
            .Then(c => c.Saga.AwaitsRefund = true)
            .Publish(c => new RefundPayment(c.Saga.CorrelationId));

    /// <summary>Asks once more for each undo that has not been answered.</summary>
    public static EventActivityBinder<OrderState, T> RepeatUndo<T>(this EventActivityBinder<OrderState, T> step)
        where T : class =>
        step
            .If(c => c.Saga.AwaitsRefund, refund => refund.RefundPayment())
            .If(c => c.Saga.AwaitsRelease, release => release.ReleaseStock());

    /// <summary>Asks Shipping to keep the parcel. The order's status stays as it is until Shipping has decided.</summary>
    public static EventActivityBinder<OrderState, T> AskToCancelShipment<T>(this EventActivityBinder<OrderState, T> step, string reason)
        where T : class =>
        step
            .Then(c =>
            {
                c.Saga.PendingReason = reason;
                c.Record("CancellationRequested", reason);
            })
            .RepeatCancelShipment();

    public static EventActivityBinder<OrderState, T> RepeatCancelShipment<T>(this EventActivityBinder<OrderState, T> step)
        where T : class =>
        step.Publish(c => new CancelShipment(c.Saga.CorrelationId));

    /// <summary>From here on the order is being undone, for a reason that stays.</summary>
    public static EventActivityBinder<OrderState, T> BeginCancelling<T>(
        this EventActivityBinder<OrderState, T> step, string reason, Func<BehaviorContext<OrderState, T>, IReadOnlyList<StockShortage>>? shortages = null)
        where T : class =>
        step.Then(c => c.Saga.Order.BeginCancelling(reason, shortages?.Invoke(c)));

    public static EventActivityBinder<OrderState, T> BeginCancelling<T>(
        this EventActivityBinder<OrderState, T> step, Func<BehaviorContext<OrderState, T>, string> reason)
        where T : class =>
        step.Then(c => c.Saga.Order.BeginCancelling(reason(c)));

    /// <summary>Too late to cancel.</summary>
    public static EventActivityBinder<OrderState, T> CancellationRefused<T>(this EventActivityBinder<OrderState, T> step)
        where T : class =>
        step.Then(c => c.Record("CancellationRefused"));

    /// <summary>All is arranged, and everybody is told; told before, nothing happens.</summary>
    public static EventActivityBinder<OrderState, T> Confirmed<T>(this EventActivityBinder<OrderState, T> step)
        where T : class =>
        step.If(c => c.Saga.Order.Status == OrderStatus.Pending, first => first
            .Then(c => c.Saga.Order.Confirm())
            .Then(c => c.Record(nameof(OrderConfirmed)))
            .Publish(c => new OrderConfirmed(c.Saga.CorrelationId, c.Saga.Order.UserId, c.Saga.Order.Total, c.Saga.Order.Currency)));

    /// <summary>The carrier has the parcel, and everybody is told.</summary>
    public static EventActivityBinder<OrderState, T> Shipped<T>(this EventActivityBinder<OrderState, T> step)
        where T : class =>
        step
            .Then(c => c.Saga.Order.Ship())
            .Then(c => c.Record(nameof(ShipmentDispatched)))
            .Publish(c => new OrderShipped(c.Saga.CorrelationId, c.Saga.Order.UserId));

    /// <summary>The customer has the parcel, and everybody is told.</summary>
    public static EventActivityBinder<OrderState, T> Delivered<T>(this EventActivityBinder<OrderState, T> step)
        where T : class =>
        step
            .Then(c => c.Saga.Order.Deliver())
            .Then(c => c.Record(nameof(ShipmentDelivered)))
            .Publish(c => new OrderDelivered(c.Saga.CorrelationId, c.Saga.Order.UserId));

    /// <summary>All that had been asked for is undone, and everybody is told.</summary>
    public static EventActivityBinder<OrderState, T> Cancelled<T>(this EventActivityBinder<OrderState, T> step)
        where T : class =>
        step
            .Then(c => c.Saga.Order.Cancel())
            .Then(c => c.Record(nameof(OrderCancelled), c.Saga.Order.CancellationReason))
            .Publish(c => new OrderCancelled(c.Saga.CorrelationId, c.Saga.Order.UserId, c.Saga.Order.CancellationReason!));

    private static TimeSpan Doubled(TimeSpan delay, int times)
    {
        var doubled = delay * Math.Pow(2, Math.Min(times, 16));
        return doubled < LongestWait || times == 1 ? doubled : LongestWait;
    }

    private static void Record(this BehaviorContext<OrderState> context, string step, string? detail = null) =>
        context.Saga.Order.Record(step, context.Service<TimeProvider>().GetDatabaseNow(), detail);

    extension(BehaviorContext<OrderState> context)
    {
        private OrderTimeouts Timeouts => context.Service<IOptions<OrderTimeouts>>().Value;

        private T Service<T>()
            where T : notnull => context.GetPayload<IServiceProvider>().GetRequiredService<T>();
    }
}
