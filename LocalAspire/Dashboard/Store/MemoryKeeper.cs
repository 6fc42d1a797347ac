namespace LocalAspire.Dashboard.Store;

/// <summary>
/// Gives memory back when nothing has come for a while. After a busy time the collector sees no reason to: whoever allocates nothing makes it do nothing.
/// </summary>
internal sealed class MemoryKeeper(SpanStore spans, LogStore logs, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var (seen, cleaned) = (0L, 0L);
        using var timer = new PeriodicTimer(Quiet, time);
        // A timer that is disposed of has no next tick: so it ends without an exception, however the process ends.
        using var ending = stoppingToken.Register(timer.Dispose);
        while (await timer.WaitForNextTickAsync(CancellationToken.None))
        {
            var now = spans.Version + logs.Version;
            if (now == seen && now != cleaned)
            {
                GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
                cleaned = now;
            }
            seen = now;
        }
    }
}
