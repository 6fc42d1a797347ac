using MassTransit;

namespace Shop.Orders.Saga;

/// <summary>The words that <see cref="OrderStateMachine"/> is written in.</summary>
internal static class OrderActivities
{
    /// <summary>Correlates by order; an event whose saga is missing goes to the error queue, where MassTransit would discard it.</summary>
    public static void ByOrder<T>(this IEventCorrelationConfigurator<OrderState, T> correlation, Func<T, Guid> orderId)
        where T : class
    {
        correlation.CorrelateById(context => orderId(context.Message));
        correlation.OnMissingInstance(missing => missing.Fault());
    }

    /// <summary>Adds the message to the order's timeline, under its own name.</summary>
    public static EventActivityBinder<OrderState, T> Record<T>(
        this EventActivityBinder<OrderState, T> binder, TimeProvider clock, Func<BehaviorContext<OrderState, T>, string?>? detail = null)
        where T : class =>
        binder.Then(context => context.Saga.Order.Record(typeof(T).Name, clock.GetDatabaseNow(), detail?.Invoke(context)));

    public static EventActivityBinder<OrderState, T> ReserveStock<T>(this EventActivityBinder<OrderState, T> binder)
        where T : class =>
        binder.Publish(context => new ReserveStock(
            context.Saga.CorrelationId,
            [.. context.Saga.Order.Lines.Select(line => new StockLine(line.ProductId, line.Quantity))]));

    public static EventActivityBinder<OrderState, T> CapturePayment<T>(this EventActivityBinder<OrderState, T> binder)
        where T : class =>
        binder.Publish(context => new CapturePayment(
            context.Saga.CorrelationId, context.Saga.Order.Total, context.Saga.Order.Currency, context.Saga.Order.PaymentMethod));

    public static EventActivityBinder<OrderState, T> CommitStock<T>(this EventActivityBinder<OrderState, T> binder)
        where T : class =>
        binder.Publish(context => new CommitStock(context.Saga.CorrelationId));

    public static EventActivityBinder<OrderState, T> CreateShipment<T>(this EventActivityBinder<OrderState, T> binder)
        where T : class =>
        binder.Publish(context => new CreateShipment(context.Saga.CorrelationId, context.Saga.Order.ShippingAddress));

    public static EventActivityBinder<OrderState, T> ReleaseStock<T>(this EventActivityBinder<OrderState, T> binder)
        where T : class =>
        binder
            .Then(context => context.Saga.AwaitsRelease = true)
            .Publish(context => new ReleaseStock(context.Saga.CorrelationId));

    public static EventActivityBinder<OrderState, T> RefundPayment<T>(this EventActivityBinder<OrderState, T> binder)
        where T : class =>
        binder
            .Then(context => context.Saga.AwaitsRefund = true)
            .Publish(context => new RefundPayment(context.Saga.CorrelationId));

    /// <summary>Ends well: the order is confirmed and everybody is told.</summary>
    public static EventActivityBinder<OrderState, T> Confirm<T>(this EventActivityBinder<OrderState, T> binder, TimeProvider clock)
        where T : class =>
        binder
            .Then(context =>
            {
                context.Saga.Order.Confirm();
                context.Saga.Order.Record(nameof(OrderConfirmed), clock.GetDatabaseNow());
            })
            .Publish(context => new OrderConfirmed(
                context.Saga.CorrelationId, context.Saga.Order.UserId, context.Saga.Order.Total, context.Saga.Order.Currency));

    /// <summary>Ends without effect: all that had been asked for is undone, and everybody is told.</summary>
    public static EventActivityBinder<OrderState, T> Cancel<T>(this EventActivityBinder<OrderState, T> binder, TimeProvider clock)
        where T : class =>
        binder
            .Then(context =>
            {
                context.Saga.Order.Cancel();
                context.Saga.Order.Record(nameof(OrderCancelled), clock.GetDatabaseNow(), context.Saga.Order.CancellationReason);
            })
            .Publish(context => new OrderCancelled(
                context.Saga.CorrelationId, context.Saga.Order.UserId, context.Saga.Order.CancellationReason!));
}
