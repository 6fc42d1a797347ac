using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.ServiceDiscovery;
using Shop.Gateway;
using Yarp.ReverseProxy.Configuration;

namespace Shop.Tests.Gateway;

public sealed class ServiceDiscoveryDestinationResolverTests
{
    [Fact]
    public async Task Resolve_ServiceWithTwoReplicas_GivesADestinationForEach()
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["services:orders:http:0"] = "http://127.0.0.1:7001",
                ["services:orders:http:1"] = "http://127.0.0.1:7002",
            })
            .Build();
        await using var services = new ServiceCollection()
            .AddSingleton<IConfiguration>(configuration)
            .AddServiceDiscovery()
            .BuildServiceProvider();
        var resolver = new ServiceDiscoveryDestinationResolver(services.GetRequiredService<ServiceEndpointResolver>());

        var resolved = await resolver.ResolveDestinationsAsync(
            new Dictionary<string, DestinationConfig> { ["orders"] = new() { Address = "http://orders" } },
            TestContext.Current.CancellationToken);

        Assert.Equal(
            ["http://127.0.0.1:7001", "http://127.0.0.1:7002"],
            resolved.Destinations.Values.Select(destination => destination.Address.TrimEnd('/')).Order());
    }
}
