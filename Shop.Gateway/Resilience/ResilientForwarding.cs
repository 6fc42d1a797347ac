using Polly;
using Polly.CircuitBreaker;
using Polly.RateLimiting;
using Shop.Gateway.Edge;
using Yarp.ReverseProxy.Forwarder;

namespace Shop.Gateway.Resilience;

/// <summary>
/// The part of the proxy's pipeline that keeps one service's trouble from becoming everybody's. It stands before the choice of a replica,
/// so that each attempt chooses anew. Streams of events pass by it: they last, and would fill the bulkhead.
/// </summary>
internal sealed class ResilientForwarding(RequestDelegate next, ClusterGuards guards, IHostApplicationLifetime lifetime)
{
    /// <summary>Routes with this metadata answer with a stream.</summary>
    public const string StreamMetadata = "Stream";

    private static readonly TimeSpan SoonAgain = TimeSpan.FromSeconds(5);

    public async Task InvokeAsync(HttpContext context)
    {
        var proxy = context.GetReverseProxyFeature();
        var forwarding = new Forwarding(context, proxy, next);
        if (proxy.Route.Config.Metadata?.ContainsKey(StreamMetadata) == true)
        {
            // Whoever listens comes back by itself, to another gateway: this one does not wait with its end.
            using var end = lifetime.ApplicationStopping.Register(context.Abort);
            await forwarding.AttemptAsync();
            await AnswerForServiceAsync(context, forwarding);
            return;
        }

        var call = ResilienceContextPool.Shared.Get(context.RequestAborted);
        try
        {
            if (forwarding.IsSafe)
            {
                forwarding.AttemptsLeft = guards.Retries;
                context.Features.Set(forwarding);
            }

            var outcome = await guards[proxy.Cluster.Config.ClusterId].ExecuteOutcomeAsync(SendAsync, call, forwarding);
            if (outcome.Exception is BrokenCircuitException broken)
                await RefuseAsync(context, "The circuit of a service that this request needs is open. Nothing has been done; try again.", broken.RetryAfter ?? SoonAgain);
            else if (outcome.Exception is RateLimiterRejectedException)
                await RefuseAsync(context, "A service that this request needs has its hands full. Nothing has been done; try again.", TimeSpan.FromSeconds(1));
            else if (outcome.Exception is { } failure and not OperationCanceledException)
                throw failure;
            else
                await AnswerForServiceAsync(context, forwarding);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(call);
        }
    }

    private async ValueTask<Outcome<Verdict>> SendAsync(ResilienceContext call, Forwarding forwarding) => forwarding.AttemptsLeft > 0
        ? await guards.Retry.ExecuteOutcomeAsync(AttemptAsync, call, forwarding)
        : await AttemptAsync(call, forwarding);

    private static async ValueTask<Outcome<Verdict>> AttemptAsync(ResilienceContext call, Forwarding forwarding) =>
        Outcome.FromResult(await forwarding.AttemptAsync());

    /// <summary>Says what happened where no service answered, or none in time.</summary>
    private static Task AnswerForServiceAsync(HttpContext context, Forwarding forwarding)
    {
        if (context.Response.HasStarted)
            return Task.CompletedTask;
        if (forwarding.HasTimedOut)
            return TimeOutAsync(context);
        return context.Features.Get<IForwarderErrorFeature>() switch
        {
            { Error: ForwarderError.NoAvailableDestinations } or { Exception: HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } }
                => RefuseAsync(context, "A service that this request needs does not answer just now. Nothing has been done; try again.", SoonAgain),
            { Error: ForwarderError.RequestTimedOut } => TimeOutAsync(context),
            { Error: ForwarderError.Request or ForwarderError.RequestBodyDestination or ForwarderError.ResponseHeaders }
                => Refusal.WriteAsync(context, StatusCodes.Status502BadGateway, "The service that this request needs broke off. What was asked may or may not have been done."),
            _ => Task.CompletedTask,
        };
    }

    private static Task TimeOutAsync(HttpContext context) =>
        Refusal.WriteAsync(context, StatusCodes.Status504GatewayTimeout, "The service did not answer in time. What was asked may or may not have been done.");

    private static Task RefuseAsync(HttpContext context, string detail, TimeSpan retryAfter) =>
        Refusal.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, detail, retryAfter);
}
