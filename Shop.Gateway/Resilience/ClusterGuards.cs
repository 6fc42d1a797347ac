using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;

namespace Shop.Gateway.Resilience;

/// <summary>
/// What stands before each cluster: a bulkhead, and behind it two circuit breakers, for failures in a row and for their share. Within them safe
/// requests are tried again.
/// </summary>
internal sealed class ClusterGuards
{
    /// <summary>For failures in a row it makes no difference how long they take.</summary>
    private static readonly TimeSpan ALongTime = TimeSpan.FromDays(1);

    /// <summary>Of a breaker that opens with the first failure that counts.</summary>
    private const double AnyFailure = 1e-9;

    private static readonly ResiliencePropertyKey<bool> TriedInVain = new(nameof(TriedInVain));

    // Lazy: made once, whoever comes at the same time; two bulkheads of a cluster would let twice as many in.
    private readonly ConcurrentDictionary<string, Lazy<ResiliencePipeline<Verdict>>> _guards = new();
    private readonly ConcurrentDictionary<string, CircuitBreakerStateProvider[]> _circuits = new();
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
                Array.TrueForAll(circuit.Value, breaker => breaker.CircuitState is CircuitState.Closed) ? 0 : 1, new KeyValuePair<string, object?>("cluster", circuit.Key))),
            description: "1 while the circuit of a cluster is open or half open.");
    }

    /// <summary>How often a safe request is sent again.</summary>
    public int Retries => _options.Value.Retries;

    /// <summary>Tries again what may be tried again; it keeps nothing, so that one is enough for all clusters.</summary>
    public ResiliencePipeline<Verdict> Retry { get; }

    /// <summary>The guard of a cluster, by the cluster's name.</summary>
    public ResiliencePipeline<Verdict> this[string clusterId] =>
        _guards.GetOrAdd(clusterId, id => new Lazy<ResiliencePipeline<Verdict>>(() => Create(id))).Value;

    private ResiliencePipeline<Verdict> Create(string clusterId)
    {
        var options = _options.Value;
        var states = _circuits.GetOrAdd(clusterId, _ => [new(), new()]);
        var inARow = 0;
        return Builder(clusterId, _clock, _loggers)
            .AddConcurrencyLimiter(options.ConcurrentRequests)
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<Verdict>
            {
                ShouldHandle = call => new(HasTriedInVain(call, states[0]) || HasFailedTooOften(call.Outcome.Result)),
                MinimumThroughput = 2, // the least that Polly takes, and there have been as many before
                FailureRatio = AnyFailure,
                SamplingDuration = ALongTime,
                BreakDurationGenerator = BreakAfter,
                StateProvider = states[0],
            })
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<Verdict>
            {
                ShouldHandle = call => new(HasTriedInVain(call, states[1]) || IsFailure(call.Outcome.Result)),
                MinimumThroughput = options.FailuresToOpen,
                FailureRatio = options.FailureRatio,
                SamplingDuration = options.SamplingDuration,
                BreakDurationGenerator = BreakAfter,
                StateProvider = states[1],
            })
            .Build();

        bool HasFailedTooOften(Verdict verdict)
        {
            if (IsFailure(verdict))
                return Interlocked.Increment(ref inARow) >= options.FailuresToOpen;
            if (verdict is Verdict.Answered)
                Volatile.Write(ref inARow, 0);
            return false;
        }

        ValueTask<TimeSpan> BreakAfter(BreakDurationGeneratorArguments call) =>
            new(call.Context.Properties.GetValue(TriedInVain, false) ? TimeSpan.Zero : options.BreakDuration);
    }

    private static bool IsFailure(Verdict verdict) => verdict is Verdict.Failed or Verdict.FailedAndRepeatable;

    /// <summary>The request that a half-open circuit let through says nothing: the circuit opens again, but for no time, so that the next may try.</summary>
    private static bool HasTriedInVain(CircuitBreakerPredicateArguments<Verdict> call, CircuitBreakerStateProvider circuit)
    {
        if (call.Outcome.Result is not Verdict.Nobody || circuit.CircuitState is not CircuitState.HalfOpen)
            return false;
        call.Context.Properties.Set(TriedInVain, true);
        return true;
    }

    private static ResiliencePipelineBuilder<Verdict> Builder(string name, TimeProvider clock, ILoggerFactory loggers) =>
        new ResiliencePipelineBuilder<Verdict> { Name = name, TimeProvider = clock }.ConfigureTelemetry(loggers);
}

/// <summary>What came of sending a request to a service.</summary>
internal enum Verdict
{
    /// <summary>It says nothing about the service: the client gave up, or (as the default, beside an exception) nothing was asked.</summary>
    Nobody,

    /// <summary>The service answered.</summary>
    Answered,

    /// <summary>It failed, and must not be tried again: something was sent to the client, the request may change something, or time is up.</summary>
    Failed,

    /// <summary>It failed, and may be tried again.</summary>
    FailedAndRepeatable,
}
