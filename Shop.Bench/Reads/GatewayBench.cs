namespace Shop.Bench.Reads;

/// <summary>
/// <c>bench gateway</c>: a product read again and again, straight at its service, through a proxy that does nothing else, and through the
/// gateway with all that it does: tokens, limits, circuit breaker, telemetry.
/// </summary>
internal static class GatewayBench
{
    /// <summary>What the gateway should reach of the bare proxy.</summary>
    private const double Aim = 0.8;

    /// <summary>The three take turns, so that what else the machine does hits all alike.</summary>
    private const int Rounds = 5;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(6);

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    public static async Task<int> RunAsync(CommandLine options, CancellationToken cancellationToken)
    {
        var concurrency = (int)options.Number("concurrency", 32, 1, 512);
        var turn = TimeSpan.FromSeconds(options.Number("seconds", 3, 0.5, 60));
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);

        Say("starting the shop on throw-away data");
        await using var sink = await TelemetrySink.StartAsync(patience.Token);
        await using var shop = await BenchedShop.StartAsync([], "gateway", sink.Environment, patience.Token);
        var (service, gateway) = (shop.App.GetEndpoint("products", "http"), shop.App.GetEndpoint("gateway", "http"));
        await using var proxy = await BareProxy.StartAsync(service, patience.Token);
        using var client = new ShopClient(shop.App.CreateHttpClient("gateway"));
        var token = await client.GetTokenAsync(await client.CreateUserAsync(patience.Token), patience.Token);
        ReadLoad[] loads = [new(service, token), new(proxy.Address, token), new(gateway, token)];

        foreach (var load in loads)
            await load.RunAsync(concurrency, WarmUp, patience.Token);
        Say(string.Create(CultureInfo.InvariantCulture, $"{Rounds} rounds of {turn.TotalSeconds} s each for service, bare proxy and gateway; {concurrency} requests at once"));
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var load in loads)
                load.Keep(await load.RunAsync(concurrency, turn, patience.Token));
        }

        var (straight, bare, guarded) = (loads[0].Median, loads[1].Median, loads[2].Median);
        Figure[] figures =
        [
            new("product reads through the gateway", guarded.PerSecond, "requests/s", Aim * bare.PerSecond, bare.PerSecond, guarded.PerSecond / bare.PerSecond),
            new("product reads through a bare YARP proxy", bare.PerSecond, "requests/s", null, straight.PerSecond, bare.PerSecond / straight.PerSecond),
            new("product reads straight at the service", straight.PerSecond, "requests/s"),
            new("one read through the gateway, p50", guarded.P50, "ms"),
            new("one read through the gateway, p99", guarded.P99, "ms"),
            new("one read through a bare YARP proxy, p50", bare.P50, "ms"),
            new("one read through a bare YARP proxy, p99", bare.P99, "ms"),
            new("one read straight at the service, p50", straight.P50, "ms"),
            new("one read straight at the service, p99", straight.P99, "ms"),
            new("telemetry exported by the gateway", sink.Bytes / 1024.0, "kB"),
        ];
        foreach (var figure in figures)
            Say(figure.ToString());
        if (options.Text("json") is { } path)
            await Figure.WriteAsync(path, figures, patience.Token);
        return 0;
    }

    private static void Say(string line) => Console.WriteLine(line);
}
