using System.ComponentModel.DataAnnotations;

namespace Shop.Gateway.Resilience;

/// <summary>The section <c>Resilience</c>: how long the gateway waits for a service, how often it tries, and when it stops asking.</summary>
internal sealed class ResilienceOptions
{
    public const string Section = "Resilience";

    /// <summary>How long a request may take in all, where its route does not say otherwise.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long one replica may be silent, where its cluster does not say otherwise.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")]
    public TimeSpan AttemptTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long an answer that the gateway composes waits for a part.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")]
    public TimeSpan PartTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often a safe request is sent again.</summary>
    [Range(1, 5)]
    public int Retries { get; init; } = 2;

    /// <summary>The pause before the first repetition; each further one is about twice as long.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:00:10")]
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Requests to one cluster at the same time: the bulkhead.</summary>
    [Range(1, 100_000)]
    public int ConcurrentRequests { get; init; } = 256;

    /// <summary>So many failures in a row open the circuit, however long they take; and no share of failures opens it of fewer requests.</summary>
    [Range(2, 1000)]
    public int FailuresToOpen { get; init; } = 5;

    /// <summary>The share of failures, within <see cref="SamplingDuration"/>, that opens the circuit.</summary>
    [Range(0.01, 1)]
    public double FailureRatio { get; init; } = 0.5;

    /// <summary>How long answers count for <see cref="FailureRatio"/>.</summary>
    [Range(typeof(TimeSpan), "00:00:00.5", "01:00:00")]
    public TimeSpan SamplingDuration { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the circuit stays open before one request may try.</summary>
    [Range(typeof(TimeSpan), "00:00:00.5", "01:00:00")]
    public TimeSpan BreakDuration { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How often each replica is asked for its health.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")]
    public TimeSpan HealthInterval { get; init; } = TimeSpan.FromSeconds(5);
}
