using Grpc.Core;
using Grpc.Net.Client.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Shop.ServiceDefaults.Identity;

namespace Shop.ServiceDefaults;

/// <summary>How one service calls another.</summary>
public static class GrpcClientExtensions
{
    /// <summary>
    /// Adds a gRPC client for a service that service discovery finds by name. Only for calls that change nothing: a call that failed on
    /// the way is tried again, up to three times, on whatever replica comes next; circuit breaker, timeout and bulkhead come with
    /// <see cref="ServiceDefaultsExtensions.AddServiceDefaults"/>. Each call carries the service's own token.
    /// </summary>
    public static IHttpClientBuilder AddQueryClient<TClient>(this IServiceCollection services, string serviceName)
        where TClient : ClientBase
    {
        services.RequireConfiguration(ServiceTokens.ClientIdKey, ServiceTokens.ClientSecretKey);
        services.TryAddSingleton<ServiceTokens>();
        services.TryAddTransient<ServiceTokenHandler>();
        return services.AddGrpcClient<TClient>(client => client.Address = new Uri($"http://_grpc.{serviceName}"))
            .ConfigureChannel(channel => channel.ServiceConfig = new ServiceConfig
            {
                MethodConfigs =
                {
                    new MethodConfig
                    {
                        Names = { MethodName.Default },
                        RetryPolicy = new RetryPolicy
                        {
                            MaxAttempts = 3,
                            InitialBackoff = TimeSpan.FromMilliseconds(50),
                            MaxBackoff = TimeSpan.FromMilliseconds(500),
                            BackoffMultiplier = 2,
                            RetryableStatusCodes = { StatusCode.Unavailable },
                        },
                    },
                },
            })
            .AddHttpMessageHandler<ServiceTokenHandler>();
    }
}
