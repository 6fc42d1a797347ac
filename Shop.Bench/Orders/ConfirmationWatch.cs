using System.Collections.Concurrent;
using System.Diagnostics;
using Npgsql;

namespace Shop.Bench.Orders;

/// <summary>
/// Learns when orders are confirmed without asking the services: one query for those that are longest on their way, every 10 ms, and for
/// at most a tenth of the time.
/// </summary>
internal sealed class ConfirmationWatch(NpgsqlConnection connection)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(10);

    /// <summary>How many are asked about at once, the oldest: with thousands on their way the question would cost more than an order.</summary>
    private const int MaxAsked = 256;

    private readonly ConcurrentDictionary<Guid, Pending> _pending = new();

    /// <summary>How often it has asked the database: each time is a transaction that is none of the shop's.</summary>
    public int Questions { get; private set; }

    /// <summary>A task that ends when the order has come to its end: the timestamp, and whether it was confirmed.</summary>
    public Task<(long At, bool Confirmed)> WatchAsync(Guid orderId) => _pending.GetOrAdd(orderId, _ => new()).Ended.Task;

    /// <summary>Polls until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "SELECT id, status FROM orders WHERE id = ANY($1) AND status NOT IN ('Pending', 'Cancelling')", connection);
        var ids = new NpgsqlParameter<Guid[]> { TypedValue = [] };
        command.Parameters.Add(ids);
        await command.PrepareAsync(cancellationToken);
        while (!cancellationToken.IsCancellationRequested)
        {
            var start = Stopwatch.GetTimestamp();
            ids.TypedValue = [.. _pending.Keys.Order().Take(MaxAsked)];
            if (ids.TypedValue.Length > 0)
                await ReadAsync(command, cancellationToken);
            var took = Stopwatch.GetElapsedTime(start);
            await Task.Delay(took * 9 > Interval ? took * 9 : Interval, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ReadAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        Questions++;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            if (_pending.TryRemove(reader.GetGuid(0), out var pending))
                pending.Ended.SetResult((Stopwatch.GetTimestamp(), reader.GetString(1) != "Cancelled"));
        }
    }

    private sealed class Pending
    {
        public TaskCompletionSource<(long At, bool Confirmed)> Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
