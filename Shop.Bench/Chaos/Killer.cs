using System.Diagnostics;

namespace Shop.Bench.Chaos;

/// <summary>Kills processes of the shop, each in its turn, in an order and at times that a seed decides, and sees how long they stay away.</summary>
internal sealed class Killer(BenchedShop shop, ChaosOptions options, Action<string> say)
{
    /// <summary>More, and on a slow machine the shop would be away all the time, and nothing be tried at all.</summary>
    private const int AwayAtOnce = 2;

    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(50);
    private readonly Random _random = new(options.Seed);
    private readonly List<Task<TimeSpan>> _recoveries = [];

    /// <summary>How many processes were killed.</summary>
    public int Kills => _recoveries.Count;

    /// <summary>Kills until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        string[] resources = [.. shop.Processes.Select(process => process.ResourceId)];
        while (true)
        {
            _random.Shuffle(resources);
            foreach (var resource in resources)
            {
                var pause = options.Between.Min + _random.NextDouble() * (options.Between.Max - options.Between.Min);
                await Task.Delay(pause, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                while (!cancellationToken.IsCancellationRequested && _recoveries.Count(recovery => !recovery.IsCompleted) >= AwayAtOnce)
                    await Task.Delay(Glance, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (cancellationToken.IsCancellationRequested)
                    return;
                Kill(resource);
            }
        }
    }

    /// <summary>Waits until everything that was killed works again.</summary>
    /// <returns>The longest time from a kill until the process that took the place of the dead one was healthy.</returns>
    /// <exception cref="TimeoutException">Something has not come back in time.</exception>
    public async Task<TimeSpan> RecoverAsync(CancellationToken cancellationToken) =>
        (await Task.WhenAll(_recoveries).WaitAsync(options.Patience, cancellationToken)).Append(TimeSpan.Zero).Max();

    private void Kill(string resource)
    {
        if (shop.Processes.FirstOrDefault(process => process.ResourceId == resource) is not { } victim)
        {
            say($"{resource} is not back yet; it is spared");
            return;
        }

        try
        {
            using var process = Process.GetProcessById(victim.Id);
            process.Kill();
        }
        catch (ArgumentException)
        {
            say($"{resource} has died by itself");
            return;
        }

        say($"killed {resource} (process {victim.Id})");
        _recoveries.Add(WaitForAsync(victim));
    }

    private async Task<TimeSpan> WaitForAsync(ShopProcess victim)
    {
        var killed = Stopwatch.GetTimestamp();
        while (!shop.Processes.Any(process => process.ResourceId == victim.ResourceId && process.Id != victim.Id && process.IsHealthy))
        {
            if (Stopwatch.GetElapsedTime(killed) > options.Duration + options.Patience)
                throw new TimeoutException($"{victim.ResourceId} has not come back.");
            await Task.Delay(Glance);
        }

        return Stopwatch.GetElapsedTime(killed);
    }
}
