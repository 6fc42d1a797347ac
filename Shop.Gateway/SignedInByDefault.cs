using Yarp.ReverseProxy.Configuration;

namespace Shop.Gateway;

/// <summary>
/// A route that says nothing about who may use it is for signed-in users: their tokens are looked at here, and again by the service. What
/// is for anyone has a route of its own, by its methods, that says <c>anonymous</c>.
/// </summary>
internal sealed class SignedInByDefault : IProxyConfigFilter
{
    public ValueTask<RouteConfig> ConfigureRouteAsync(RouteConfig route, ClusterConfig? cluster, CancellationToken cancel) =>
        new(route with { AuthorizationPolicy = route.AuthorizationPolicy ?? Policies.User });

    public ValueTask<ClusterConfig> ConfigureClusterAsync(ClusterConfig cluster, CancellationToken cancel) => new(cluster);
}
