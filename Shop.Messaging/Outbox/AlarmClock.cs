using System.Threading.Channels;

namespace Shop.Messaging.Outbox;

/// <summary>Wakes one sleeper at the earliest of the times that it was set to since it last rang.</summary>
internal sealed class AlarmClock : IDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    private readonly Lock _one = new();
    private readonly Channel<bool> _rings = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly TimeProvider _clock;
    private readonly ITimer _timer;
    private DateTimeOffset _next = DateTimeOffset.MaxValue;

    public AlarmClock(TimeProvider clock) =>
        (_clock, _timer) = (clock, clock.CreateTimer(_ => _rings.Writer.TryWrite(true), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan));

    /// <summary>It rings after <paramref name="time"/> at the latest.</summary>
    public void SetBy(TimeSpan time)
    {
        time = TimeSpan.FromTicks(Math.Clamp(time.Ticks, 0, Longest.Ticks));
        lock (_one)
        {
            if (_clock.GetUtcNow() + time is var next && next >= _next)
                return;
            _next = next;
            _timer.Change(time, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Waits until it rings.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        await _rings.Reader.ReadAsync(cancellationToken);
        lock (_one)
            _next = DateTimeOffset.MaxValue;
    }

    public void Dispose() => _timer.Dispose();
}
