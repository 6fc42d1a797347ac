using Yarp.ReverseProxy.Health;

namespace Shop.Gateway.Resilience;

/// <summary>Puts bulkhead, circuit breaker, retry and timeouts around the proxy.</summary>
internal static class ResilienceExtensions
{
    public static IReverseProxyBuilder AddResilience(this IReverseProxyBuilder proxy)
    {
        proxy.Services.AddOptions<ResilienceOptions>().BindConfiguration(ResilienceOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        proxy.Services.AddRequestTimeouts();
        proxy.Services.AddSingleton<ClusterGuards>();
        proxy.Services.AddSingleton<IPassiveHealthCheckPolicy, FirstFailureHealthPolicy>();
        return proxy.AddConfigFilter<ResilientDefaults>().AddTransforms<RepeatedAnswers>();
    }

    public static void UseResilience(this IReverseProxyApplicationBuilder proxy)
    {
        proxy.UseMiddleware<ResilientForwarding>();
        proxy.UseLoadBalancing();
        proxy.UsePassiveHealthChecks();
    }
}
