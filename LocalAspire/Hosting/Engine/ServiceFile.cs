using System.Globalization;
using System.Text.Json;
using LocalAspire.Hosting.ApplicationModel;

namespace LocalAspire.Hosting.Engine;

/// <summary>
/// Where the replicas of services are, in a file that grows and shrinks with them: a process's environment is fixed when it starts. It is JSON
/// that .NET reads as configuration: <c>ServiceDiscovery:Services:NAME:ENDPOINT:INDEX</c>.
/// </summary>
internal sealed class ServiceFile(DistributedApplicationModel model, string directory)
{
    /// <summary>The environment variable in which a process that refers to services is told of it.</summary>
    public const string Variable = "ServiceDiscovery__File";

    /// <summary>The file; alone in its directory, because readers watch that.</summary>
    public string Path { get; } = System.IO.Path.Combine(directory, "services.json");

    /// <summary>Replaces it as a whole: nobody reads half of it.</summary>
    public void Write(IEnumerable<ResourceInstance> instances)
    {
        var told = instances.Where(instance => instance.IsTold).ToLookup(instance => instance.Resource);
        var services = model.Resources.OfType<IResourceWithServiceDiscovery>().ToDictionary(
            resource => resource.Name,
            resource => resource.GetEndpoints().ToDictionary(endpoint => endpoint.EndpointName, endpoint => told[resource].Select(instance => UrlOf(instance, endpoint))));
        foreach (var (name, uri) in model.Resources.SelectMany(resource => resource.AnnotationsOf<ExternalServiceAnnotation>()).Distinct())
            services[name] = new() { ["default"] = [uri.ToString()] };
        Directory.CreateDirectory(directory);
        var next = $"{Path}.next";
        File.WriteAllText(next, JsonSerializer.Serialize(new { ServiceDiscovery = new { Services = services } }));
        File.Move(next, Path, overwrite: true);
    }

    private static string UrlOf(ResourceInstance instance, EndpointReference endpoint) =>
        string.Create(CultureInfo.InvariantCulture, $"{endpoint.Scheme}://127.0.0.1:{endpoint.Allocation.TargetPorts[instance.Replica]}");
}
