using System.Diagnostics;
using Shop.Bench.Invariants;

namespace Shop.Bench.Chaos;

/// <summary>
/// The crash test: orders of all kinds flow while processes are killed; then the shop comes to rest, and every invariant must hold.
/// </summary>
internal static class ChaosRun
{
    private const int ScarcePieces = 5;

    /// <summary>Orders before the first kill: a shop that still compiles its code is not the one to be tried.</summary>
    private const int WarmUpOrders = 100;

    /// <summary>With fewer that were confirmed, or cancelled, or processes killed, a run has shown nothing.</summary>
    internal const int Enough = 5;

    /// <summary>How long the shop may take to accept the first orders.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromMinutes(2);

    /// <summary>How long customers may still wait for an answer when nothing is killed any more.</summary>
    private static readonly TimeSpan LastAnswers = TimeSpan.FromMinutes(2);

    /// <summary>Starts the shop, tries it, and ends it.</summary>
    /// <param name="options">How hard.</param>
    /// <param name="write">Takes the lines that tell what happens.</param>
    /// <param name="cancellationToken">Ends the run.</param>
    public static async Task<ChaosResult> RunAsync(ChaosOptions options, Action<string> write, CancellationToken cancellationToken)
    {
        write($"seed {options.Seed}; starting the shop on throw-away data");
        await using var shop = await BenchedShop.StartAsync(ChaosOptions.Settings, ChaosOptions.Environment, cancellationToken);
        using var client = new ShopClient(shop.App.CreateHttpClient("gateway"));
        await client.SetStockAsync(Customer.ScarceProduct, ScarcePieces, cancellationToken);
        var log = new ChaosLog();
        var customers = new List<Customer>();
        for (var i = 0; i < options.Customers; i++)
            customers.Add(new Customer(client, await client.CreateUserAsync(cancellationToken), new Random(unchecked(options.Seed * 397 + i)), log));

        using var closing = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var lastAnswers = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        lastAnswers.CancelAfter(WarmUp + options.Duration + LastAnswers);
        var shopping = Task.WhenAll(customers.Select(customer => Task.Run(() => customer.ShopAsync(closing.Token, lastAnswers.Token), cancellationToken)));
        var start = Stopwatch.GetTimestamp();
        while (log.AllAccepted.Count < WarmUpOrders && Stopwatch.GetElapsedTime(start) < WarmUp)
            await Task.Delay(100, cancellationToken);

        start = Stopwatch.GetTimestamp();
        write($"{log.AllAccepted.Count} orders accepted; now processes are killed");
        var killer = new Killer(shop, options, what => write(string.Create(CultureInfo.InvariantCulture, $"{Stopwatch.GetElapsedTime(start).TotalSeconds,7:0.0} s  {what}")));
        closing.CancelAfter(options.Duration);
        await killer.RunAsync(closing.Token);

        var breaches = new List<Breach>();
        var recovery = options.Patience;
        try
        {
            recovery = await killer.RecoverAsync(cancellationToken);
            await shopping;
        }
        catch (TimeoutException)
        {
            breaches.Add(new(6, BreachKind.Stuck, "a process that was killed", "has not come back"));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            breaches.Add(new(1, BreachKind.Stuck, "a request", $"was not answered within {LastAnswers.TotalMinutes} minutes after the last kill"));
        }

        write("waiting for rest, and checking the invariants");
        var resting = Stopwatch.GetTimestamp();
        breaches.AddRange(log.AllRefused);
        breaches.AddRange(await ShopInvariants.CheckAtRestAsync(shop.App, log.AllAccepted, options.Patience, cancellationToken));
        var orders = (await ShopSnapshot.ReadAsync(shop.App, cancellationToken)).Orders;
        return new ChaosResult(
            killer.Kills, recovery, Stopwatch.GetElapsedTime(resting), log.AllAccepted.DistinctBy(order => order.Id).Count(),
            orders.Count(order => order.IsLive),
            orders.Where(order => order.IsCancelled).CountBy(order => order.CancellationReason ?? "unknown").ToDictionary(),
            breaches);
    }
}

/// <summary>What a crash test came to.</summary>
/// <param name="Kills">Processes that were killed.</param>
/// <param name="LongestRecovery">From a kill until the process that took the dead one's place was healthy.</param>
/// <param name="Rest">How long the shop took to come to rest; some ten seconds of it are the check's own.</param>
/// <param name="Accepted">Orders that a customer saw accepted.</param>
/// <param name="Confirmed">Orders that ended confirmed, shipped or delivered.</param>
/// <param name="Cancelled">Orders that ended cancelled, by reason.</param>
/// <param name="Breaches">Promises that were broken.</param>
internal sealed record ChaosResult(
    int Kills, TimeSpan LongestRecovery, TimeSpan Rest, int Accepted, int Confirmed, IReadOnlyDictionary<string, int> Cancelled, IReadOnlyList<Breach> Breaches)
{
    /// <summary>Whether enough has happened for the absence of breaches to mean anything.</summary>
    public bool HasShownSomething => Math.Min(Kills, Math.Min(Confirmed, Cancelled.Values.Sum())) >= ChaosRun.Enough;

    /// <summary>Whether every promise was kept, and tried.</summary>
    public bool IsGood => HasShownSomething && Breaches.Count == 0;

    public int Count(BreachKind kind) => Breaches.Count(breach => breach.Kind == kind);

    /// <summary>In one line.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"killed {Kills}, accepted {Accepted}, confirmed {Confirmed}, "
        + $"cancelled {Cancelled.Values.Sum()} ({string.Join(", ", Cancelled.Select(reason => $"{reason.Key} {reason.Value}"))}), lost {Count(BreachKind.Lost)}, "
        + $"doubled {Count(BreachKind.Doubled)}, stuck {Count(BreachKind.Stuck)}, otherwise wrong {Count(BreachKind.Wrong)}, "
        + $"longest recovery {LongestRecovery.TotalSeconds:0.0} s, at rest after {Rest.TotalSeconds:0} s");
}
