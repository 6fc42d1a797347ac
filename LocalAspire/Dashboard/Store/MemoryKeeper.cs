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
        while (await timer.WaitForNextTickAsync(stoppingToken))
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
