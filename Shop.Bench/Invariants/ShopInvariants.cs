using Npgsql;

namespace Shop.Bench.Invariants;

/// <summary>The six invariants of docs/reliability.md, checked against the databases and the broker of a running shop.</summary>
public static class ShopInvariants
{
    /// <summary>Longer than anything takes that is neither in a database, due, nor in a queue.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(20);

    /// <summary>
    /// Waits until the shop is at rest and keeps every promise, or until it is clear that it does not. Every order in the
    /// databases is looked at, not only those that were seen accepted.
    /// </summary>
    /// <param name="app">The running shop.</param>
    /// <param name="accepted">The orders that clients saw accepted.</param>
    /// <param name="patience">How long to wait for the shop to come to rest.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>What is broken: nothing, if all is well.</returns>
    public static async Task<IReadOnlyList<Breach>> CheckAtRestAsync(
        DistributedApplication app, IReadOnlyCollection<AcceptedOrder> accepted, TimeSpan patience, CancellationToken cancellationToken)
    {
        var deadline = DateTime.UtcNow + patience;
        var (last, unchangedSince) = ("", DateTime.UtcNow);
        while (true)
        {
            var breaches = await TryCheckAsync(app, accepted, cancellationToken);
            if (breaches.Count == 0)
            {
                // The broker's figures are seconds old: what was on its way then has arrived when they are asked again.
                await Task.Delay(BrokerQueues.Delay, cancellationToken);
                breaches = await TryCheckAsync(app, accepted, cancellationToken);
            }

            if (breaches.Count == 0 || DateTime.UtcNow > deadline)
                return breaches;
            var now = string.Join('\n', breaches);
            if (now != last)
                (last, unchangedSince) = (now, DateTime.UtcNow);
            // What nothing is on its way to mend stays as it is.
            else if (breaches.All(breach => breach.Kind != BreachKind.Stuck) && DateTime.UtcNow - unchangedSince > Settled)
                return breaches;
            await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken);
        }
    }

    /// <summary>Looks once. While orders are on their way this finds breaches that are none.</summary>
    /// <param name="app">The running shop.</param>
    /// <param name="accepted">The orders that clients saw accepted.</param>
    /// <param name="cancellationToken">Ends the check.</param>
    /// <exception cref="NpgsqlException">A database is away.</exception>
    /// <exception cref="HttpRequestException">The broker's management plug-in is away.</exception>
    public static async Task<IReadOnlyList<Breach>> CheckAsync(
        DistributedApplication app, IReadOnlyCollection<AcceptedOrder> accepted, CancellationToken cancellationToken)
    {
        var shop = await ShopSnapshot.ReadAsync(app, cancellationToken);
        var queues = await BrokerQueues.ReadAsync(app, cancellationToken);
        return
        [
            .. OrderChecks.Check(shop, accepted),
            .. StockChecks.Check(shop),
            .. MoneyChecks.Check(shop),
            .. AfterwardsChecks.Check(shop),
            .. RestChecks.Check(shop, queues),
        ];
    }

    private static async Task<IReadOnlyList<Breach>> TryCheckAsync(
        DistributedApplication app, IReadOnlyCollection<AcceptedOrder> accepted, CancellationToken cancellationToken)
    {
        try
        {
            return await CheckAsync(app, accepted, cancellationToken);
        }
        catch (Exception away) when (away is NpgsqlException or HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return [new Breach(6, BreachKind.Stuck, "database or broker", $"cannot be asked: {away.Message}")];
        }
    }
}
