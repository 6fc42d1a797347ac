using System.Diagnostics;
using Npgsql;

namespace Shop.Bench.Orders;

/// <summary>
/// <c>bench growth</c>: what an order costs where the tables of Orders are empty, where they hold millions of messages seen and of finished
/// orders, and while what is too old is being forgotten.
/// </summary>
internal static class GrowthBench
{
    private const int WarmUpOrders = 600;
    private const int Concurrency = 16;

    /// <summary>How long all of it may take.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(20);

    public static async Task<int> RunAsync(CommandLine options, CancellationToken cancellationToken)
    {
        var orders = (int)options.Number("orders", 2_000, 10, 50_000);
        var seen = (int)options.Number("seen", 10_000_000, 1_000, 100_000_000);
        var finished = (int)options.Number("finished", 1_000_000, 1_000, 10_000_000);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        Say("starting the shop on throw-away data");
        // Looks for what is too old every second, so that the third load meets it at work.
        await using var session = await OrdersSession.StartAsync(
            [], new Dictionary<string, string> { ["Messaging__InboxCleaningInterval"] = "00:00:01" }, patience.Token);
        await using var database = new NpgsqlConnection(await session.Shop.App.GetConnectionStringAsync("ordersdb", patience.Token));
        await database.OpenAsync(patience.Token);

        Say($"warming up with {WarmUpOrders} orders");
        await session.Load.RunAsync(WarmUpOrders, Concurrency, untilConfirmed: false, patience.Token);
        Say($"{orders} orders on empty tables");
        var empty = await MeasureAsync(session, orders, patience.Token);
        Say($"filling in {seen} messages seen and {finished} finished orders");
        var start = Stopwatch.GetTimestamp();
        await Filling.FinishedOrdersAsync(database, finished, patience.Token);
        await Filling.SeenMessagesAsync(database, seen, "2 days", patience.Token);
        await Filling.SettleAsync(database, patience.Token);
        Say($"  took {Stopwatch.GetElapsedTime(start).TotalSeconds:0} s");
        await session.Load.RunAsync(WarmUpOrders, Concurrency, untilConfirmed: false, patience.Token);
        Say($"{orders} orders on full tables");
        var full = await MeasureAsync(session, orders, patience.Token);
        Say($"{orders} orders while messages seen are forgotten");
        await Filling.SeenMessagesAsync(database, seen / 10, "8 days", patience.Token);
        var old = await Filling.CountOldAsync(database, patience.Token);
        start = Stopwatch.GetTimestamp();
        var cleaning = await MeasureAsync(session, orders, patience.Token);
        var forgotten = old - await Filling.CountOldAsync(database, patience.Token);
        var elapsed = Stopwatch.GetElapsedTime(start);

        Figure[] figures =
        [
            new("CPU for an order, full tables", full.Cpu, "ms", null, empty.Cpu, full.Cpu / empty.Cpu),
            new("CPU for an order, while old messages go", cleaning.Cpu, "ms", null, empty.Cpu, cleaning.Cpu / empty.Cpu),
            new("confirmed orders, full tables", full.Rate, "orders/s", null, empty.Rate, full.Rate / empty.Rate),
            new("confirmed orders, while old messages go", cleaning.Rate, "orders/s", null, empty.Rate, cleaning.Rate / empty.Rate),
            new("POST to Confirmed one by one, p50, full", full.P50, "ms", null, empty.P50, full.P50 / empty.P50),
            new("POST to Confirmed one by one, p99, cleaning", cleaning.P99, "ms", null, empty.P99, cleaning.P99 / empty.P99),
            new("messages forgotten", forgotten / elapsed.TotalSeconds, "rows/s"),
            new("size of ordersdb", await Filling.MegabytesAsync(database, patience.Token), "MB"),
        ];
        Say("");
        foreach (var figure in figures)
            Say(figure.ToString());
        if (options.Text("json") is { } path)
            await Figure.WriteAsync(path, figures, patience.Token);
        return empty.Lost + full.Lost + cleaning.Lost == 0 ? 0 : 1;
    }

    private static async Task<Cost> MeasureAsync(OrdersSession session, int orders, CancellationToken cancellationToken)
    {
        var usage = new UsageTable(session.Shop);
        var load = await session.Load.RunAsync(orders, Concurrency, untilConfirmed: false, cancellationToken);
        usage.Stop();
        var quiet = await session.Load.RunAsync(100, 1, untilConfirmed: true, cancellationToken);
        return new(usage.Figures(orders).Last().Value, load.ConfirmedPerSecond, quiet.P50, quiet.P99, orders - load.Confirmed);
    }

    private static void Say(string line) => Console.WriteLine(line);

    /// <param name="Cpu">Milliseconds an order.</param>
    /// <param name="Rate">Orders a second.</param>
    /// <param name="P50">Milliseconds, one order after the other.</param>
    /// <param name="P99">Milliseconds, one order after the other.</param>
    /// <param name="Lost">Orders that were not confirmed.</param>
    private sealed record Cost(double Cpu, double Rate, double P50, double P99, int Lost);
}
