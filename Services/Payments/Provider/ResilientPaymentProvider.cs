using Microsoft.Extensions.Options;
using Polly;
using Polly.CircuitBreaker;
using Polly.Fallback;
using Polly.RateLimiting;
using Polly.Retry;
using Polly.Timeout;

namespace Shop.Payments.Provider;

/// <summary>
/// Calls a provider with a bulkhead, retries, a circuit breaker and a timeout. Whatever comes of it, the caller gets a charge: one whose
/// status is unknown where there was no answer.
/// </summary>
internal sealed class ResilientPaymentProvider(IPaymentProvider provider, IOptions<PaymentProviderOptions> options, ILoggerFactory loggers) : IPaymentProvider
{
    private readonly ResiliencePipeline<Charge> _pipeline = Build(options.Value, loggers);

    public Task<Charge> CaptureAsync(Guid key, decimal amount, string currency, string paymentMethod, CancellationToken cancellationToken) =>
        CallAsync(ct => provider.CaptureAsync(key, amount, currency, paymentMethod, ct), cancellationToken);

    public Task<Charge> FindAsync(Guid key, CancellationToken cancellationToken) => CallAsync(ct => provider.FindAsync(key, ct), cancellationToken);

    public Task<Charge> RefundAsync(Guid key, CancellationToken cancellationToken) => CallAsync(ct => provider.RefundAsync(key, ct), cancellationToken);

    private async Task<Charge> CallAsync(Func<CancellationToken, Task<Charge>> call, CancellationToken cancellationToken) =>
        await _pipeline.ExecuteAsync(static async (call, ct) => await call(ct), call, cancellationToken);

    private static ResiliencePipeline<Charge> Build(PaymentProviderOptions options, ILoggerFactory loggers) => new ResiliencePipelineBuilder<Charge> { Name = "payment-provider" }
        .ConfigureTelemetry(loggers)
        .AddFallback(new FallbackStrategyOptions<Charge>
        {
            ShouldHandle = new PredicateBuilder<Charge>()
                .Handle<ProviderUnavailableException>()
                .Handle<TimeoutRejectedException>()
                .Handle<BrokenCircuitException>()
                .Handle<RateLimiterRejectedException>(),
            FallbackAction = _ => Outcome.FromResultAsValueTask(Charge.Unknown),
        })
        .AddConcurrencyLimiter(options.Concurrency, queueLimit: options.Concurrency)
        // A call that timed out is not repeated here: it may have had its effect, and the provider is asked about it later.
        .AddRetry(new RetryStrategyOptions<Charge>
        {
            ShouldHandle = new PredicateBuilder<Charge>().Handle<ProviderUnavailableException>(),
            MaxRetryAttempts = 2,
            Delay = TimeSpan.FromMilliseconds(50),
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
        })
        .AddCircuitBreaker(new CircuitBreakerStrategyOptions<Charge>
        {
            ShouldHandle = new PredicateBuilder<Charge>().Handle<ProviderUnavailableException>().Handle<TimeoutRejectedException>(),
            FailureRatio = 0.9,
            MinimumThroughput = 20,
            SamplingDuration = TimeSpan.FromSeconds(10),
            BreakDuration = TimeSpan.FromSeconds(5),
        })
        .AddTimeout(options.Timeout)
        .Build();
}
