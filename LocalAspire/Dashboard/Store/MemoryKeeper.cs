using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Components.Server.Circuits;

namespace LocalAspire.Dashboard.Store;

/// <summary>
/// Gives memory back after a busy time, whether telemetry came or pages were looked at, and when a page has been forgotten that was left:
/// whoever allocates little makes the collector do nothing.
/// What the runtime and the packing took beside the collector's heap is kept by the C library until it is told.
/// </summary>
internal sealed class MemoryKeeper(TimeProvider time) : BackgroundService
{
    /// <summary>Bytes: so much in one interval is little, and so much since the last collection is worth one.</summary>
    private const long Little = 4 << 20, Worthwhile = 16 << 20;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private bool _isExpected;

    /// <summary>Something large has been let go.</summary>
    public void Expect() => Volatile.Write(ref _isExpected, true);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var (seen, collected) = (0L, 0L);
        using var timer = new PeriodicTimer(Interval, time);
        // A timer that is disposed of has no next tick: so it ends without an exception, however the process ends.
        using var ending = stoppingToken.Register(timer.Dispose);
        while (await timer.WaitForNextTickAsync(CancellationToken.None))
        {
            var now = GC.GetTotalAllocatedBytes();
            if (now - seen < Little && (Interlocked.Exchange(ref _isExpected, false) || now - collected > Worthwhile))
            {
                GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
                if (OperatingSystem.IsLinux() && NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), "malloc_trim", out _))
                    _ = malloc_trim(0);
                collected = now;
            }
            seen = now;
        }
    }

    /// <summary>A page's circuit holds all that it has shown, for a while after it was left.</summary>
    internal sealed class Circuits(MemoryKeeper keeper) : CircuitHandler
    {
        public override Task OnCircuitClosedAsync(Circuit circuit, CancellationToken cancellationToken)
        {
            keeper.Expect();
            return Task.CompletedTask;
        }
    }

    // Not every C library has it.
    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int malloc_trim(nint keep);
}
