using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;

namespace Shop.Gateway.Resilience;

/// <summary>What stands before each cluster: a bulkhead, and behind it a circuit breaker. Within both, safe requests are tried again.</summary>
internal sealed class ClusterGuards(IOptions<ResilienceOptions> options, TimeProvider clock, ILoggerFactory loggers)
{
    private readonly ConcurrentDictionary<string, ResiliencePipeline<Verdict>> _guards = new();

    /// <summary>How often a safe request is sent again.</summary>
    public int Retries => options.Value.Retries;

    /// <summary>Tries again what may be tried again; it keeps nothing, so that one is enough for all clusters.</summary>
    public ResiliencePipeline<Verdict> Retry { get; } = Builder("retry", clock, loggers)
        .AddRetry(new RetryStrategyOptions<Verdict>
        {
            ShouldHandle = static attempt => new(attempt.Outcome.Result is Verdict.FailedAndRepeatable),
            MaxRetryAttempts = options.Value.Retries,
            Delay = options.Value.RetryDelay,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
        })
        .Build();

    /// <summary>The guard of a cluster, by the cluster's name.</summary>
    public ResiliencePipeline<Verdict> this[string clusterId] => _guards.GetOrAdd(clusterId, Create);

    private ResiliencePipeline<Verdict> Create(string clusterId) => Builder(clusterId, clock, loggers)
        .AddConcurrencyLimiter(options.Value.ConcurrentRequests)
        .AddCircuitBreaker(new CircuitBreakerStrategyOptions<Verdict>
        {
            ShouldHandle = static call => new(call.Outcome.Result is not Verdict.Answered),
            MinimumThroughput = options.Value.FailuresToOpen,
            FailureRatio = options.Value.FailureRatio,
            SamplingDuration = options.Value.SamplingDuration,
            BreakDuration = options.Value.BreakDuration,
        })
        .Build();

    private static ResiliencePipelineBuilder<Verdict> Builder(string name, TimeProvider clock, ILoggerFactory loggers) =>
        new ResiliencePipelineBuilder<Verdict> { Name = name, TimeProvider = clock }.ConfigureTelemetry(loggers);
}

/// <summary>What came of sending a request to a service.</summary>
internal enum Verdict
{
    /// <summary>The service answered; or it is not its fault that it did not, because the client went away.</summary>
    Answered,

    /// <summary>It failed, and must not be tried again: something was sent to the client, the request may change something, or time is up.</summary>
    Failed,

    /// <summary>It failed, and may be tried again.</summary>
    FailedAndRepeatable,
}
