using Microsoft.Extensions.Primitives;
using Microsoft.Extensions.ServiceDiscovery;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.ServiceDiscovery;

namespace Shop.Gateway;

/// <summary>Replaces each destination <c>http://NAME</c> by all replicas of the service NAME that service discovery knows.</summary>
internal sealed class ServiceDiscoveryDestinationResolver(ServiceEndpointResolver endpoints) : IDestinationResolver
{
    public async ValueTask<ResolvedDestinationCollection> ResolveDestinationsAsync(
        IReadOnlyDictionary<string, DestinationConfig> destinations, CancellationToken cancellationToken)
    {
        var resolved = new Dictionary<string, DestinationConfig>();
        var changes = new List<IChangeToken>();
        foreach (var (name, destination) in destinations)
        {
            var source = await endpoints.GetEndpointsAsync(destination.Address, cancellationToken);
            changes.Add(source.ChangeToken);
            var scheme = new Uri(destination.Address).Scheme;
            foreach (var endpoint in source.Endpoints)
            {
                var address = endpoint.ToString()!;
                resolved[$"{name} {address}"] = destination with
                {
                    Address = address.Contains("://", StringComparison.Ordinal) ? address : $"{scheme}://{address}",
                };
            }
        }

        return new ResolvedDestinationCollection(resolved, new CompositeChangeToken(changes));
    }
}
