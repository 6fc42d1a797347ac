using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using OpenTelemetry;

namespace Shop.Orders.Events;

/// <summary>
/// Looks, for all watchers of this replica at once, whether something has happened to their orders, whichever replica has written it. The
/// question costs the order's own way nothing: NOTIFY would, as Postgres lets those who have sent one commit one after the other.
/// </summary>
internal sealed partial class TimelineWatch(
    IServiceScopeFactory scopes, IOptions<OrderEventOptions> options, TimeProvider clock, ILogger<TimelineWatch> logger) : BackgroundService
{
    private readonly ConcurrentDictionary<Watcher, bool> _watchers = new();

    /// <summary>Entries of an order's timeline from now on, until it is disposed.</summary>
    /// <param name="orderId">The order.</param>
    /// <param name="after">The last entry that is known already; 0 where none is.</param>
    public Watcher Watch(Guid orderId, long after)
    {
        var watcher = new Watcher(orderId, after, done => _watchers.TryRemove(done, out _));
        _watchers[watcher] = true;
        return watcher;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var untraced = SuppressInstrumentationScope.Begin();
        using var timer = new PeriodicTimer(options.Value.Interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await LookAsync(stoppingToken);
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                LogNotSeen(failure);
            }
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        var watched = _watchers.Keys.ToLookup(watcher => watcher.OrderId);
        if (watched.Count == 0)
            return;

        Guid[] orders = [.. watched.Select(watchers => watchers.Key)];
        long[] known = [.. watched.Select(watchers => watchers.Min(watcher => watcher.Last))];
        await using var scope = scopes.CreateAsyncScope();
        var news = await scope.ServiceProvider.GetRequiredService<OrdersDbContext>().Timeline
            .FromSql($"""
                SELECT entry.* FROM unnest({orders}, {known}) AS watched (order_id, last_id)
                JOIN order_timeline AS entry ON entry.order_id = watched.order_id AND entry.id > watched.last_id
                """)
            .AsNoTracking()
            .OrderBy(entry => entry.Id)
            .ToListAsync(cancellationToken);
        foreach (var entry in news)
        {
            foreach (var watcher in watched[entry.OrderId])
                watcher.Tell(entry);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The timelines of watched orders cannot be read now; it is tried again")]
    private partial void LogNotSeen(Exception failure);
}

/// <summary>Somebody who wants to hear what happens to an order.</summary>
internal sealed class Watcher(Guid orderId, long after, Action<Watcher> done) : IDisposable
{
    private readonly Channel<TimelineEntry> _news = Channel.CreateUnbounded<TimelineEntry>();

    public Guid OrderId => orderId;

    /// <summary>The newest entry that has been told. An order's entries are written one transaction after the other, so none comes before it later.</summary>
    public long Last { get; private set; } = after;

    /// <summary>What has happened, as it is seen.</summary>
    public ChannelReader<TimelineEntry> News => _news.Reader;

    public void Tell(TimelineEntry entry)
    {
        if (entry.Id <= Last)
            return;
        Last = entry.Id;
        _news.Writer.TryWrite(entry);
    }

    public void Dispose() => done(this);
}
