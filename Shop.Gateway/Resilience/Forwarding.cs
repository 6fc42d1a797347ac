using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Timeouts;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace Shop.Gateway.Resilience;

/// <summary>One request on its way to a service: attempt after attempt, each at another replica where there is one.</summary>
internal sealed class Forwarding(HttpContext context, IReverseProxyFeature proxy, RequestDelegate forward)
{
    private readonly IReadOnlyList<DestinationState> _replicas = proxy.AvailableDestinations;
    private List<DestinationState>? _tried;

    /// <summary>How many attempts may still follow; 0 at first.</summary>
    public int AttemptsLeft { get; set; }

    /// <summary>Whether sending it again does no harm: it asks without changing, and carries no body that would be gone.</summary>
    public bool IsSafe =>
        (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method) || HttpMethods.IsOptions(context.Request.Method))
        && context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false };

    /// <summary>Whether the time of the route is up.</summary>
    public bool HasTimedOut => context.Features.Get<IHttpRequestTimeoutFeature>() is { RequestTimeoutToken.IsCancellationRequested: true };

    public static bool IsFailure(int status) =>
        status is StatusCodes.Status502BadGateway or StatusCodes.Status503ServiceUnavailable or StatusCodes.Status504GatewayTimeout;

    /// <summary>Sends the request once.</summary>
    public async ValueTask<Verdict> AttemptAsync()
    {
        if (_tried is not null)
            Reset(_tried);
        await forward(context);

        var verdict = Judge();
        if (verdict == Verdict.FailedAndRepeatable)
        {
            AttemptsLeft--;
            _tried ??= [];
            if (proxy.ProxiedDestination is { } replica)
                _tried.Add(replica);
        }

        return verdict;
    }

    /// <summary>Makes the request as if it had never been sent.</summary>
    private void Reset(List<DestinationState> tried)
    {
        context.Response.Clear();
        context.Features.Set<IForwarderErrorFeature>(null);
        var others = _replicas.Except(tried).ToArray();
        proxy.AvailableDestinations = others.Length > 0 ? others : _replicas;
        proxy.ProxiedDestination = null;
    }

    private Verdict Judge() => context.Features.Get<IForwarderErrorFeature>()?.Error switch
    {
        null when !IsFailure(context.Response.StatusCode) => Verdict.Answered,
        ForwarderError.RequestCanceled or ForwarderError.RequestBodyCanceled or ForwarderError.ResponseBodyCanceled
            => HasTimedOut ? Verdict.Failed : Verdict.Nobody,
        ForwarderError.RequestBodyClient or ForwarderError.ResponseBodyClient or ForwarderError.RequestCreation => Verdict.Nobody,
        _ => AttemptsLeft > 0 && !context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested
            ? Verdict.FailedAndRepeatable
            : Verdict.Failed,
    };
}
