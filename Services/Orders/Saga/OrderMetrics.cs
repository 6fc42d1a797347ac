using System.Diagnostics.Metrics;
using MassTransit;

namespace Shop.Orders.Saga;

/// <summary>
/// What can be counted of orders. Counted when it is decided: a transaction that is rolled back and made again counts twice, which is rare.
/// </summary>
internal static class OrderMetrics
{
    private static readonly Meter Meter = new("Shop.Orders");
    private static readonly Counter<long> Ended = Meter.CreateCounter<long>("shop.orders.ended", "{order}", "Orders confirmed or cancelled, and why.");
    private static readonly Histogram<double> Durations = Meter.CreateHistogram(
        "shop.saga.state.duration", "s", "How long sagas were in a state before they left it.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300] });

    private static volatile IReadOnlyList<WaitingSagas> _waiting = [];

    static OrderMetrics()
    {
        Meter.CreateObservableGauge(
            "shop.sagas.waiting", () => _waiting.Select(state => new Measurement<long>(state.Count, Tag(state.State))), "{saga}", "Sagas that wait for an answer.");
        Meter.CreateObservableGauge(
            "shop.saga.wait.longest", () => _waiting.Select(state => new Measurement<double>(state.Longest.TotalSeconds, Tag(state.State))), "s",
            "How long the saga that has waited longest has been in its state.");
    }

    /// <summary>What <see cref="SagaSampler"/> has last seen.</summary>
    public static IReadOnlyList<WaitingSagas> Waiting
    {
        set => _waiting = value;
    }

    /// <summary>Measures a machine's sagas.</summary>
    public sealed class Observer : IStateObserver<OrderState>
    {
        public Task StateChanged(BehaviorContext<OrderState> context, State currentState, State previousState)
        {
            var now = context.GetPayload<IServiceProvider>().GetRequiredService<TimeProvider>().GetDatabaseNow();
            if (previousState is not null)
                Durations.Record((now - context.Saga.EnteredAt).TotalSeconds, Tag(previousState.Name));
            context.Saga.EnteredAt = now;
            if (currentState.Name is nameof(OrderStateMachine.Confirmed) or nameof(OrderStateMachine.Cancelled))
                Ended.Add(1, new("outcome", currentState.Name), new("reason", context.Saga.Order.CancellationReason ?? ""));
            return Task.CompletedTask;
        }
    }

    private static KeyValuePair<string, object?> Tag(string state) => new("state", state);
}

/// <summary>Sagas that wait in one state.</summary>
internal sealed record WaitingSagas(string State, long Count, TimeSpan Longest);
