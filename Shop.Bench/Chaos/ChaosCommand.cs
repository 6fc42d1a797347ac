namespace Shop.Bench.Chaos;

/// <summary><c>chaos</c>: the crash test from the command line.</summary>
internal static class ChaosCommand
{
    /// <returns>0 where every promise was kept, and tried.</returns>
    public static async Task<int> RunAsync(CommandLine options, CancellationToken cancellationToken)
    {
        var result = await ChaosRun.RunAsync(
            new ChaosOptions
            {
                Seed = (int)options.Number("seed", Random.Shared.Next(1, 1_000_000), 0, int.MaxValue),
                Duration = TimeSpan.FromMinutes(options.Number("minutes", 2, 0.1, 120)),
            },
            Console.WriteLine,
            cancellationToken);
        Console.WriteLine(result);
        foreach (var breach in result.Breaches)
            Console.WriteLine(breach);
        if (!result.HasShownSomething)
            Console.WriteLine("too little was killed, confirmed or cancelled for this run to show anything: let it run longer");
        return result.IsGood ? 0 : 1;
    }
}
