using Shop.Bench.Invariants;
using Shop.Bench.Limits;

namespace Shop.Bench.Orders;

/// <summary><c>bench orders</c>: how many orders a second the shop confirms, beside what Postgres and RabbitMQ would allow at most.</summary>
internal static class OrdersBench
{
    /// <summary>What an order of the reference flow needs at least: messages, and as many transactions.</summary>
    private const double StepsOfAnOrder = 12;

    private const int WarmUpOrders = 300;
    private const int QuietOrders = 100;

    /// <summary>How long all of it may take.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);

    public static async Task<int> RunAsync(CommandLine options, CancellationToken cancellationToken)
    {
        var concurrency = (int)options.Number("concurrency", 16, 1, 512);
        var orders = (int)options.Number("orders", 2_000, 10, 50_000);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        Say("starting the shop on throw-away data");
        await using var session = await OrdersSession.StartAsync([], new Dictionary<string, string>(), patience.Token);
        var (shop, load) = (session.Shop, session.Load);

        Say($"warming up with {WarmUpOrders} orders");
        await load.RunAsync(WarmUpOrders, concurrency, untilConfirmed: false, patience.Token);
        Say($"{QuietOrders} orders, one after the other");
        var quiet = await load.RunAsync(QuietOrders, 1, untilConfirmed: true, patience.Token);
        Say($"{orders} orders, {concurrency} requests at once");
        var usage = new UsageTable(shop);
        var before = await session.CountTransactionsAsync(patience.Token);
        var loaded = await load.RunAsync(orders, concurrency, untilConfirmed: false, patience.Token);
        usage.Stop();
        var committed = await session.CountTransactionsAsync(patience.Token) - before;
        await session.StopWatchingAsync();

        Say("checking the invariants");
        var breaches = await ShopInvariants.CheckAtRestAsync(shop.App, load.Accepted, TimeSpan.FromMinutes(2), patience.Token);
        Say("measuring the limits of this Postgres and this RabbitMQ");
        var transactions = await PostgresLimit.MeasureAsync(shop.App, patience.Token);
        var messages = await BrokerLimit.MeasureAsync(shop.App, patience.Token);
        var ceiling = 1 / (StepsOfAnOrder / messages + StepsOfAnOrder / transactions);

        Figure[] figures =
        [
            new("confirmed orders", loaded.ConfirmedPerSecond, "orders/s", 150, ceiling, loaded.ConfirmedPerSecond / ceiling),
            new("accepted orders", loaded.AcceptedPerSecond, "orders/s"),
            new("POST to Confirmed under this load, p50", loaded.P50, "ms"),
            new("POST to Confirmed under this load, p99", loaded.P99, "ms"),
            new("POST to Confirmed one after the other, p50", quiet.P50, "ms", 60),
            new("POST to Confirmed one after the other, p99", quiet.P99, "ms"),
            new("Postgres, durable one-row transactions", transactions, "transactions/s"),
            new("RabbitMQ, confirmed and consumed messages", messages, "messages/s"),
            new("ceiling: 12 messages and 12 transactions", ceiling, "orders/s"),
            new("Postgres transactions for an order", committed / (double)orders, "transactions"),
            new("orders not confirmed", orders - loaded.Confirmed, "orders", 0),
            new("invariants broken", breaches.Count, "breaches", 0),
            .. usage.Figures(orders),
        ];
        Say("");
        foreach (var line in figures.Select(figure => figure.ToString()).Concat(breaches.Select(breach => breach.ToString())))
            Say(line);
        if (options.Text("json") is { } path)
            await Figure.WriteAsync(path, figures, patience.Token);
        return breaches.Count == 0 && loaded.Confirmed == orders ? 0 : 1;
    }

    private static void Say(string line) => Console.WriteLine(line);
}
