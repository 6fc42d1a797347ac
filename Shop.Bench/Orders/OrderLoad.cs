using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Shop.Bench.Invariants;

namespace Shop.Bench.Orders;

/// <summary>Places orders through the gateway, and waits until the last of them is confirmed.</summary>
internal sealed class OrderLoad(ShopClient client, ConfirmationWatch watch, IReadOnlyList<Guid> users)
{
    /// <summary>How many products of the catalogue are bought: each order one piece of one.</summary>
    private const int Products = 100;

    private readonly ConcurrentBag<AcceptedOrder> _accepted = [];

    /// <summary>All that were ever accepted.</summary>
    public IReadOnlyCollection<AcceptedOrder> Accepted => _accepted;

    /// <param name="orders">How many in all.</param>
    /// <param name="concurrency">How many requests at once.</param>
    /// <param name="untilConfirmed">Whether the next order of a client waits until its last one is confirmed, and not only accepted.</param>
    /// <param name="cancellationToken">Ends the load.</param>
    public async Task<LoadResult> RunAsync(int orders, int concurrency, bool untilConfirmed, CancellationToken cancellationToken)
    {
        var next = -1;
        var start = Stopwatch.GetTimestamp();
        var ends = new ConcurrentBag<Task<(long Posted, long At, bool Confirmed)>>();
        var lastAccepted = start;
        await Task.WhenAll(Enumerable.Range(0, concurrency).Select(_ => Task.Run(PlaceAsync, cancellationToken)));
        var ended = await Task.WhenAll(ends).WaitAsync(cancellationToken);
        double[] latencies = [.. ended.Select(order => Stopwatch.GetElapsedTime(order.Posted, order.At).TotalMilliseconds).Order()];
        return new(
            ended.Count(order => order.Confirmed),
            orders / Stopwatch.GetElapsedTime(start, lastAccepted).TotalSeconds,
            ended.Count(order => order.Confirmed) / Stopwatch.GetElapsedTime(start, ended.Max(order => order.At)).TotalSeconds,
            latencies[latencies.Length / 2],
            latencies[Math.Min(latencies.Length - 1, latencies.Length * 99 / 100)]);

        async Task PlaceAsync()
        {
            for (int number; (number = Interlocked.Increment(ref next)) < orders;)
            {
                var user = users[number % users.Count];
                var key = Guid.CreateVersion7().ToString();
                var posted = Stopwatch.GetTimestamp();
                var order = ShopClient.OrderFor([(ShopClient.SeededProduct(1 + number % Products), 1)]);
                var (status, body) = await client.PlaceOrderAsync(user, order, key, null, cancellationToken);
                if (status != HttpStatusCode.Created)
                    throw new InvalidOperationException($"An order was refused: {(int)status} {body?.ToJsonString()}");
                var accepted = new AcceptedOrder(body!["id"]!.GetValue<Guid>(), user, key);
                _accepted.Add(accepted);
                InterlockedMax(ref lastAccepted, Stopwatch.GetTimestamp());
                var end = FollowAsync(accepted.Id, posted);
                ends.Add(end);
                if (untilConfirmed)
                    await end.WaitAsync(cancellationToken);
            }
        }
    }

    private async Task<(long Posted, long At, bool Confirmed)> FollowAsync(Guid id, long posted)
    {
        var (at, confirmed) = await watch.WatchAsync(id);
        return (posted, at, confirmed);
    }

    private static void InterlockedMax(ref long target, long value)
    {
        for (var seen = Interlocked.Read(ref target); seen < value;)
            seen = Interlocked.CompareExchange(ref target, value, seen) is var current && current == seen ? value : current;
    }
}

/// <summary>What a load came to.</summary>
/// <param name="Confirmed">Orders.</param>
/// <param name="AcceptedPerSecond">Until the last was accepted.</param>
/// <param name="ConfirmedPerSecond">Until the last was confirmed.</param>
/// <param name="P50">Milliseconds from the request to Confirmed, of half of the orders at most.</param>
/// <param name="P99">Milliseconds from the request to Confirmed, of 99 of 100 orders at most.</param>
internal sealed record LoadResult(int Confirmed, double AcceptedPerSecond, double ConfirmedPerSecond, double P50, double P99);
