using System.Reflection;
using LocalAspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace LocalAspire.Hosting.Testing;

/// <summary>Makes applications for tests: free ports in place of fixed ones, nothing kept, nothing on the console.</summary>
public static class DistributedApplicationTestingBuilder
{
    /// <summary>Runs the program of an AppHost as far as <c>Build()</c>, and hands its builder to the test.</summary>
    /// <typeparam name="TEntryPoint">A type in the AppHost's assembly, such as <c>Projects.Shop_AppHost</c>.</typeparam>
    public static Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(CancellationToken cancellationToken = default)
        where TEntryPoint : class => CreateAsync<TEntryPoint>([], cancellationToken);

    /// <inheritdoc cref="CreateAsync{TEntryPoint}(CancellationToken)"/>
    /// <param name="args">The AppHost's command line.</param>
    /// <param name="cancellationToken">Ends the creation.</param>
    public static Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(
        string[] args, CancellationToken cancellationToken = default) where TEntryPoint : class =>
        CreateAsync(typeof(TEntryPoint), args, cancellationToken);

    /// <summary>Runs the program of an AppHost as far as <c>Build()</c>, and hands its builder to the test.</summary>
    /// <param name="entryPoint">A type in the AppHost's assembly.</param>
    /// <param name="args">The AppHost's command line.</param>
    /// <param name="cancellationToken">Ends the creation.</param>
    public static async Task<IDistributedApplicationTestingBuilder> CreateAsync(
        Type entryPoint, string[] args, CancellationToken cancellationToken = default) =>
        await Task.Run(() => new EntryPoint(entryPoint.Assembly, args).RunToBuild(), cancellationToken);

    /// <summary>Makes an empty application.</summary>
    /// <param name="args">The command line.</param>
    public static IDistributedApplicationTestingBuilder Create(params string[] args) =>
        new Builder(new() { Args = args, AssemblyName = Assembly.GetCallingAssembly().GetName().Name });

    internal sealed class Builder(DistributedApplicationOptions options)
        : DistributedApplicationBuilder(options, isTest: true), IDistributedApplicationTestingBuilder
    {
        private DistributedApplication? _app;

        public override DistributedApplication Build() =>
            EntryPoint.Current is null ? _app = base.Build() : throw new HostAbortedException();

        public Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken = default) => Task.FromResult(Build());

        public void Dispose() => _app?.Dispose();

        public ValueTask DisposeAsync() => _app?.DisposeAsync() ?? ValueTask.CompletedTask;
    }
}

/// <summary>An application that a test may still change.</summary>
public interface IDistributedApplicationTestingBuilder : IDistributedApplicationBuilder, IAsyncDisposable, IDisposable
{
    /// <summary>Finishes the model.</summary>
    Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken = default);
}

/// <summary>How a test reaches the resources of an application.</summary>
public static class DistributedApplicationHostingTestingExtensions
{
    /// <summary>A client for the endpoint <c>http</c> (or <c>https</c>) of a resource, or the one named.</summary>
    public static HttpClient CreateHttpClient(this DistributedApplication app, string resourceName, string? endpointName = null)
    {
        var client = app.Services.GetRequiredService<IHttpClientFactory>().CreateClient();
        client.BaseAddress = app.GetEndpoint(resourceName, endpointName);
        return client;
    }

    /// <summary>The connection string of a resource.</summary>
    /// <exception cref="ArgumentException">There is no such resource, or it has none.</exception>
    public static ValueTask<string?> GetConnectionStringAsync(
        this DistributedApplication app, string resourceName, CancellationToken cancellationToken = default) =>
        app.Resource(resourceName) is IResourceWithConnectionString resource ? resource.GetConnectionStringAsync(cancellationToken)
            : throw new ArgumentException($"Resource '{resourceName}' does not expose a connection string.", nameof(resourceName));

    /// <summary>Where the endpoint <c>http</c> (or <c>https</c>) of a resource is, or the one named.</summary>
    /// <exception cref="ArgumentException">There is no such resource, or it has no such endpoint.</exception>
    public static Uri GetEndpoint(this DistributedApplication app, string resourceName, string? endpointName = null)
    {
        var endpoints = app.Resource(resourceName) is IResourceWithEndpoints resource ? resource.GetEndpoints().ToList() : [];
        var endpoint = endpointName is null
            ? endpoints.FirstOrDefault(e => e.EndpointName == "http") ?? endpoints.FirstOrDefault(e => e.EndpointName == "https")
            : endpoints.FirstOrDefault(e => string.Equals(e.EndpointName, endpointName, StringComparison.OrdinalIgnoreCase));
        return new((endpoint ?? throw new ArgumentException(
            $"Endpoint '{endpointName ?? "http"}' for resource '{resourceName}' not found.", nameof(endpointName))).Url);
    }

    private static IResource Resource(this DistributedApplication app, string name) =>
        app.Services.GetRequiredService<DistributedApplicationModel>().Resources
            .FirstOrDefault(resource => string.Equals(resource.Name, name, StringComparison.OrdinalIgnoreCase))
        ?? throw new ArgumentException($"Resource '{name}' not found.", nameof(name));
}
