using System.Diagnostics;

namespace Shop.Bench;

/// <summary>What each process of the shop uses from now until <see cref="Stop"/>, and the load generator with it.</summary>
internal sealed class UsageTable
{
    private const double Megabyte = 1 << 20;
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly IReadOnlyList<ShopProcess> _processes;
    private readonly IReadOnlyDictionary<int, ProcessUsage> _before;
    private IReadOnlyDictionary<int, ProcessUsage> _after = new Dictionary<int, ProcessUsage>();
    private TimeSpan _own = Process.GetCurrentProcess().TotalProcessorTime;
    private TimeSpan _elapsed;

    public UsageTable(BenchedShop shop)
    {
        _processes = shop.Processes;
        _before = ProcessUsage.Read(_processes.Select(process => process.Id));
    }

    public void Stop()
    {
        _elapsed = Stopwatch.GetElapsedTime(_start);
        _own = Process.GetCurrentProcess().TotalProcessorTime - _own;
        _after = ProcessUsage.Read(_processes.Select(process => process.Id));
    }

    /// <summary>CPU and memory by resource, and CPU for an order.</summary>
    public IEnumerable<Figure> Figures(int orders)
    {
        var all = _own;
        foreach (var resource in _processes.Where(process => _before.ContainsKey(process.Id) && _after.ContainsKey(process.Id)).GroupBy(process => process.Resource))
        {
            var cpu = resource.Aggregate(TimeSpan.Zero, (sum, process) => sum + _after[process.Id].Cpu - _before[process.Id].Cpu);
            all += cpu;
            yield return new($"CPU, {resource.Key}", cpu / _elapsed, "cores");
            yield return new($"memory, {resource.Key}", resource.Sum(process => _after[process.Id].Memory) / Megabyte, "MB");
        }

        yield return new("CPU, load generator with the engine", _own / _elapsed, "cores");
        yield return new("CPU, all", all / _elapsed, "cores", null, Environment.ProcessorCount, all / _elapsed / Environment.ProcessorCount);
        yield return new("CPU for an order", all.TotalMilliseconds / orders, "ms");
    }
}
