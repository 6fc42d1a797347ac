namespace Shop.Bench.Chaos;

/// <summary>How hard the shop is tried.</summary>
internal sealed record ChaosOptions
{
    /// <summary>Of every choice that is made: what is ordered, when it is cancelled, who is killed after how long.</summary>
    public required int Seed { get; init; }

    /// <summary>How long orders flow and processes are killed.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>Customers that order at once.</summary>
    public int Customers { get; init; } = 12;

    /// <summary>The time between two kills, at least and at most.</summary>
    public (TimeSpan Min, TimeSpan Max) Between { get; init; } = (TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(6));

    /// <summary>How long the shop may take to come to rest at the end.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(4);

    /// <summary>Two replicas where two could get into each other's way, and circuits that close soon after a kill: there will be another.</summary>
    public static string[] Settings =>
        ["--LocalAspire:Restart=true", "--Replicas:orders=2", "--Replicas:inventory=2", "--Replicas:payments=2", "--Resilience:BreakDuration=00:00:02"];

    /// <summary>Short enough that orders time out while what they wait for is away, and long enough that most do not.</summary>
    public static IReadOnlyDictionary<string, string> Environment { get; } = new Dictionary<string, string>
    {
        ["Orders__Timeouts__Stock"] = "00:00:05",
        ["Orders__Timeouts__Payment"] = "00:00:05",
        ["Orders__Timeouts__Shipment"] = "00:00:05",
        ["Orders__Timeouts__Undo"] = "00:00:01",
    };
}
