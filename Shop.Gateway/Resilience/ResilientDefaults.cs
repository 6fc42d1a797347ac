using Microsoft.Extensions.Options;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.LoadBalancing;

namespace Shop.Gateway.Resilience;

/// <summary>What a route does not say about its time, and a cluster about its replicas.</summary>
internal sealed class ResilientDefaults(IOptions<ResilienceOptions> options) : IProxyConfigFilter
{
    /// <summary>How long a replica may take to say how it is. However often it is asked: who is only slow to answer is not ill.</summary>
    private static readonly TimeSpan HealthTimeout = TimeSpan.FromSeconds(5);

    public ValueTask<RouteConfig> ConfigureRouteAsync(RouteConfig route, ClusterConfig? cluster, CancellationToken cancel) =>
        new(route.TimeoutPolicy is null ? route with { Timeout = route.Timeout ?? options.Value.Timeout } : route);

    public ValueTask<ClusterConfig> ConfigureClusterAsync(ClusterConfig cluster, CancellationToken cancel) => new(cluster with
    {
        LoadBalancingPolicy = cluster.LoadBalancingPolicy ?? LoadBalancingPolicies.PowerOfTwoChoices,
        // As Kestrel reads headers: otherwise a client's letter beyond ASCII would count as the service's failure.
        HttpClient = (cluster.HttpClient ?? HttpClientConfig.Empty) with { RequestHeaderEncoding = "utf-8", ResponseHeaderEncoding = "utf-8" },
        HttpRequest = cluster.HttpRequest ?? new ForwarderRequestConfig { ActivityTimeout = options.Value.AttemptTimeout },
        HealthCheck = cluster.HealthCheck ?? new HealthCheckConfig
        {
            // Where all replicas look bad they are asked all the same: whether a service is up is the circuit breaker's to find out.
            AvailableDestinationsPolicy = HealthCheckConstants.AvailableDestinations.HealthyOrPanic,
            Passive = new PassiveHealthCheckConfig { Enabled = true, Policy = nameof(FirstFailureHealthPolicy) },
            Active = new ActiveHealthCheckConfig
            {
                Enabled = true,
                Path = "/health",
                Interval = options.Value.HealthInterval,
                Timeout = HealthTimeout,
                Policy = HealthCheckConstants.ActivePolicy.ConsecutiveFailures,
            },
        },
    });
}
