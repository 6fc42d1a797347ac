using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;

namespace Shop.Gateway.Resilience;

/// <summary>What stands before each cluster: a bulkhead, and behind it a circuit breaker. Within both, safe requests are tried again.</summary>
internal sealed class ClusterGuards
{
    // Lazy: made once, whoever comes at the same time; two bulkheads of a cluster would let twice as many in.
    private readonly ConcurrentDictionary<string, Lazy<ResiliencePipeline<Verdict>>> _guards = new();
    private readonly ConcurrentDictionary<string, CircuitBreakerStateProvider> _circuits = new();
    private readonly IOptions<ResilienceOptions> _options;
    private readonly TimeProvider _clock;
    private readonly ILoggerFactory _loggers;

    public ClusterGuards(IOptions<ResilienceOptions> options, IMeterFactory meters, TimeProvider clock, ILoggerFactory loggers)
    {
        (_options, _clock, _loggers) = (options, clock, loggers);
        Retry = Builder("retry", clock, loggers)
            .AddRetry(new RetryStrategyOptions<Verdict>
            {
                ShouldHandle = static attempt => new(attempt.Outcome.Result is Verdict.FailedAndRepeatable),
                MaxRetryAttempts = options.Value.Retries,
                Delay = options.Value.RetryDelay,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
            })
            .Build();
        meters.Create("Shop.Gateway").CreateObservableGauge(
            "gateway.circuit.open",
            () => _circuits.Select(circuit => new Measurement<int>(
                circuit.Value.CircuitState is CircuitState.Closed ? 0 : 1, new KeyValuePair<string, object?>("cluster", circuit.Key))),
            description: "1 while the circuit of a cluster is open or half open.");
    }

    /// <summary>How often a safe request is sent again.</summary>
    public int Retries => _options.Value.Retries;

    /// <summary>Tries again what may be tried again; it keeps nothing, so that one is enough for all clusters.</summary>
    public ResiliencePipeline<Verdict> Retry { get; }

    /// <summary>The guard of a cluster, by the cluster's name.</summary>
    public ResiliencePipeline<Verdict> this[string clusterId] =>
        _guards.GetOrAdd(clusterId, id => new Lazy<ResiliencePipeline<Verdict>>(() => Create(id))).Value;

    private ResiliencePipeline<Verdict> Create(string clusterId) => Builder(clusterId, _clock, _loggers)
        .AddConcurrencyLimiter(_options.Value.ConcurrentRequests)
        .AddCircuitBreaker(new CircuitBreakerStrategyOptions<Verdict>
        {
            ShouldHandle = static call => new(call.Outcome.Result is not Verdict.Answered),
            MinimumThroughput = _options.Value.FailuresToOpen,
            FailureRatio = _options.Value.FailureRatio,
            SamplingDuration = _options.Value.SamplingDuration,
            BreakDuration = _options.Value.BreakDuration,
            StateProvider = _circuits.GetOrAdd(clusterId, _ => new CircuitBreakerStateProvider()),
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
