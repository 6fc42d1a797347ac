using Shop.Bench.Orders;

namespace Shop.Bench.Telemetry;

/// <summary>
/// <c>bench telemetry</c>: what it costs an order that all is told of it. Two shops stand beside each other and take turns under the same load:
/// one sends all its traces, logs and metrics to its dashboard, the other none.
/// </summary>
internal static class TelemetryBench
{
    private const int WarmUpOrders = 600;

    /// <summary>What a shop that tells everything should confirm, of what one that tells nothing does.</summary>
    private const double Aim = 0.9;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(20);

    /// <summary>So long after a turn, what is sent with a delay has been sent.</summary>
    private static readonly TimeSpan BetweenTurns = TimeSpan.FromSeconds(2);

    public static async Task<int> RunAsync(CommandLine options, CancellationToken cancellationToken)
    {
        var concurrency = (int)options.Number("concurrency", 16, 1, 512);
        var orders = (int)options.Number("orders", 400, 10, 50_000);
        var rounds = (int)options.Number("rounds", 5, 1, 100);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        Say("starting two shops on throw-away data, one with its dashboard");
        var none = new Dictionary<string, string>();
        await using var telling = await OrdersSession.StartAsync(["--LocalAspire:Dashboard=true"], none, patience.Token);
        await using var silent = await OrdersSession.StartAsync([], none, patience.Token);
        var (told, untold) = (new List<Turn>(), new List<Turn>());
        Say($"warming up with {WarmUpOrders} orders each");
        foreach (var session in new[] { telling, silent })
            await session.Load.RunAsync(WarmUpOrders, concurrency, untilConfirmed: false, patience.Token);
        Say($"{rounds} times {orders} orders each, {concurrency} requests at once");
        for (var round = 0; round < rounds; round++)
        {
            told.Add(await TakeTurnAsync(telling, orders, concurrency, patience.Token));
            untold.Add(await TakeTurnAsync(silent, orders, concurrency, patience.Token));
            Say(string.Create(CultureInfo.InvariantCulture, $"  with {told[^1]}, without {untold[^1]}"));
        }

        var (rate, silentRate) = (Median(told, turn => turn.PerSecond), Median(untold, turn => turn.PerSecond));
        var (cpu, silentCpu) = (Median(told, turn => turn.Cpu), Median(untold, turn => turn.Cpu));
        Figure[] figures =
        [
            new("confirmed orders with telemetry", rate, "orders/s", Aim * silentRate, silentRate, rate / silentRate),
            new("confirmed orders without", silentRate, "orders/s"),
            new("CPU for an order with telemetry", cpu, "ms", null, silentCpu, cpu / silentCpu),
            new("CPU for an order without", silentCpu, "ms"),
            new("orders not confirmed", told.Concat(untold).Sum(turn => orders - turn.Confirmed), "orders", 0),
        ];
        Say("");
        foreach (var figure in figures)
            Say(figure.ToString());
        if (options.Text("json") is { } path)
            await Figure.WriteAsync(path, figures, patience.Token);
        return told.Concat(untold).All(turn => turn.Confirmed == orders) ? 0 : 1;
    }

    /// <summary>CPU is that of all: shop, servers, dashboard, load, and the little that the other shop needs while nobody orders there.</summary>
    private static async Task<Turn> TakeTurnAsync(OrdersSession session, int orders, int concurrency, CancellationToken cancellationToken)
    {
        var before = Cpu();
        var load = await session.Load.RunAsync(orders, concurrency, untilConfirmed: false, cancellationToken);
        await Task.Delay(BetweenTurns, cancellationToken);
        return new(load.ConfirmedPerSecond, (Cpu() - before).TotalMilliseconds / orders, load.Confirmed);
    }

    private static TimeSpan Cpu() => ProcessUsage.Read([Environment.ProcessId]).GetValueOrDefault(Environment.ProcessId).Cpu;

    private static double Median(List<Turn> turns, Func<Turn, double> value) => turns.Select(value).Order().ElementAt(turns.Count / 2);

    private static void Say(string line) => Console.WriteLine(line);

    /// <param name="PerSecond">Orders confirmed.</param>
    /// <param name="Cpu">Milliseconds an order.</param>
    /// <param name="Confirmed">Orders.</param>
    private sealed record Turn(double PerSecond, double Cpu, int Confirmed)
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{PerSecond:0.0} orders/s and {Cpu:0.0} ms each");
    }
}
