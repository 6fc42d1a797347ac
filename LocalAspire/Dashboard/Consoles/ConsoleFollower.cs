using Grpc.Core;
using LocalAspire.Dashboard.Resources;
using LocalAspire.Protocol;

namespace LocalAspire.Dashboard.Consoles;

/// <summary>Follows the console of one resource for one page: it keeps the newest lines, as many as the AppHost does.</summary>
internal sealed class ConsoleFollower : IDisposable
{
    private const int Kept = 4_000;

    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly Queue<ConsoleLine> _lines = new();
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _version;

    public ConsoleFollower(ResourceClient resources, string id)
    {
        Id = id;
        _ = Task.Run(() => FollowAsync(resources));
    }

    /// <summary>The resource's id.</summary>
    public string Id { get; }

    /// <summary>Ends when the first lines have come.</summary>
    public Task Begun => _begun.Task;

    /// <summary>Changes with the lines.</summary>
    public long Version => Interlocked.Read(ref _version);

    /// <summary>The lines in which a text stands; all for none.</summary>
    public ConsoleLine[] Find(string? text)
    {
        lock (_lock)
            return [.. text is { Length: > 0 } ? _lines.Where(line => Ansi.Strip(line.Text).Contains(text, StringComparison.OrdinalIgnoreCase)) : _lines];
    }

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    private async Task FollowAsync(ResourceClient resources)
    {
        var stop = _stop.Token;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                var last = 0;
                await foreach (var line in resources.FollowConsoleAsync(Id, stop))
                {
                    lock (_lock)
                    {
                        if (last == 0) // a new connection tells all that is kept again
                            _lines.Clear();
                        _lines.Enqueue(line);
                        if (_lines.Count > Kept)
                            _lines.Dequeue();
                    }
                    last = line.Number;
                    Interlocked.Increment(ref _version);
                    _begun.TrySetResult();
                }
            }
            catch (Exception e) when (e is RpcException or OperationCanceledException)
            {
                // The page was left, or the AppHost is away: what it wrote stays to be read.
            }
            await Task.Delay(TimeSpan.FromSeconds(1), stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
