namespace Shop.Bench;

/// <summary>What a process and all its descendants have used, read from <c>/proc</c>; nothing where there is none.</summary>
/// <param name="Cpu">CPU time, of descendants that have ended too.</param>
/// <param name="Memory">Bytes; what processes share is counted once (proportional set size).</param>
internal readonly record struct ProcessUsage(TimeSpan Cpu, long Memory)
{
    /// <summary>Linux counts CPU time in hundredths of a second, whatever the kernel's own clock.</summary>
    private const double TicksPerSecond = 100;

    /// <summary>What each of some processes has used until now.</summary>
    public static IReadOnlyDictionary<int, ProcessUsage> Read(IEnumerable<int> processIds)
    {
        if (!Directory.Exists("/proc/self"))
            return new Dictionary<int, ProcessUsage>();
        var all = Directory.EnumerateDirectories("/proc").Select(Path.GetFileName)
            .Select(name => int.TryParse(name, CultureInfo.InvariantCulture, out var id) ? ReadStat(id) : null)
            .OfType<Stat>()
            .ToList();
        var children = all.ToLookup(stat => stat.Parent);
        return all.Where(stat => processIds.Contains(stat.Id)).ToDictionary(stat => stat.Id, Sum);

        ProcessUsage Sum(Stat stat) => children[stat.Id].Select(Sum).Append(new(stat.Cpu, ReadMemory(stat.Id)))
            .Aggregate((one, other) => new(one.Cpu + other.Cpu, one.Memory + other.Memory));
    }

    private static Stat? ReadStat(int id)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{id}/stat");
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' '); // the name before may hold anything
            var ticks = fields[11..15].Sum(field => long.Parse(field, CultureInfo.InvariantCulture));
            return new(id, int.Parse(fields[1], CultureInfo.InvariantCulture), TimeSpan.FromSeconds(ticks / TicksPerSecond));
        }
        catch (IOException)
        {
            return null; // It has ended meanwhile.
        }
    }

    private static long ReadMemory(int id)
    {
        try
        {
            var line = File.ReadLines($"/proc/{id}/smaps_rollup").FirstOrDefault(line => line.StartsWith("Pss:", StringComparison.Ordinal));
            return line is null ? 0 : 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        }
        catch (Exception denied) when (denied is IOException or UnauthorizedAccessException)
        {
            return 0; // It has ended meanwhile, or belongs to somebody else.
        }
    }

    private sealed record Stat(int Id, int Parent, TimeSpan Cpu);
}
