using System.Net.Sockets;
using LocalAspire.Hosting.ApplicationModel;
using LocalAspire.Hosting.Engine;
using Microsoft.Extensions.DependencyInjection;

namespace LocalAspire.Hosting;

/// <summary>What can be said about the endpoints of a resource.</summary>
public static class EndpointBuilderExtensions
{
    /// <summary>Adds an endpoint.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="port">The public port; by default one that is free.</param>
    /// <param name="targetPort">The port that the process listens on; by default one that is free.</param>
    /// <param name="scheme">The URL's scheme; <c>tcp</c> by default.</param>
    /// <param name="name">Unique in the resource; by default the scheme.</param>
    /// <param name="env">The environment variable that tells the process its port.</param>
    /// <param name="isProxied">Whether the engine owns the public port and forwards to the process.</param>
    /// <param name="isExternal">Whether clients outside the application use it.</param>
    /// <param name="protocol">TCP.</param>
    /// <exception cref="DistributedApplicationException">There is an endpoint of that name already.</exception>
    public static IResourceBuilder<T> WithEndpoint<T>(
        this IResourceBuilder<T> builder, int? port = null, int? targetPort = null, string? scheme = null, string? name = null,
        string? env = null, bool isProxied = true, bool? isExternal = null, ProtocolType? protocol = null) where T : IResourceWithEndpoints
    {
        var endpoint = new EndpointAnnotation(
            protocol ?? ProtocolType.Tcp, scheme, null, name, port, targetPort, isExternal, isProxied) { PortVariable = env };
        return builder.GetEndpoint(endpoint.Name).Exists
            ? throw new DistributedApplicationException(
                $"Endpoint with name '{endpoint.Name}' already exists on '{builder.Resource.Name}': "
                + $"change it by WithEndpoint(\"{endpoint.Name}\", endpoint => …), or give this one another name.")
            : builder.WithAnnotation(endpoint);
    }

    /// <summary>Changes an endpoint, or adds it.</summary>
    public static IResourceBuilder<T> WithEndpoint<T>(
        this IResourceBuilder<T> builder, string endpointName, Action<EndpointAnnotation> callback, bool createIfNotExists = true)
        where T : IResourceWithEndpoints
    {
        var reference = builder.GetEndpoint(endpointName);
        if (!reference.Exists)
        {
            if (!createIfNotExists)
                return builder;
            builder.WithAnnotation(new EndpointAnnotation(ProtocolType.Tcp, name: endpointName));
        }
        callback(reference.EndpointAnnotation);
        return builder;
    }

    /// <summary>Adds an HTTP endpoint, named <c>http</c> by default.</summary>
    /// <inheritdoc cref="WithEndpoint{T}(IResourceBuilder{T}, int?, int?, string?, string?, string?, bool, bool?, ProtocolType?)"/>
    public static IResourceBuilder<T> WithHttpEndpoint<T>(
        this IResourceBuilder<T> builder, int? port = null, int? targetPort = null, string? name = null, string? env = null, bool isProxied = true)
        where T : IResourceWithEndpoints => builder.WithEndpoint(port, targetPort, "http", name, env, isProxied);

    /// <summary>Marks the HTTP endpoints as used by clients outside the application.</summary>
    public static IResourceBuilder<T> WithExternalHttpEndpoints<T>(this IResourceBuilder<T> builder) where T : IResourceWithEndpoints
    {
        foreach (var endpoint in builder.Resource.AnnotationsOf<EndpointAnnotation>().Where(e => e.UriScheme is "http" or "https"))
            endpoint.IsExternal = true;
        return builder;
    }

    /// <summary>A reference to an endpoint, which need not exist yet.</summary>
    public static EndpointReference GetEndpoint<T>(this IResourceBuilder<T> builder, string name) where T : IResourceWithEndpoints =>
        new(builder.Resource, name);

    /// <summary>Changes the URL that is shown for an endpoint.</summary>
    public static IResourceBuilder<T> WithUrlForEndpoint<T>(
        this IResourceBuilder<T> builder, string endpointName, Action<ResourceUrlAnnotation> callback) where T : IResource =>
        builder.WithAnnotation(new UrlCallbackAnnotation(endpointName, callback));

    /// <summary>Shows a further URL.</summary>
    public static IResourceBuilder<T> WithUrl<T>(this IResourceBuilder<T> builder, string url, string? displayText = null) where T : IResource =>
        builder.WithAnnotation(new ResourceUrlAnnotation { Url = url, DisplayText = displayText });

    /// <summary>Takes each process of the resource for healthy when a GET of a path gives a status.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="path">By default <c>/</c>.</param>
    /// <param name="statusCode">By default 200.</param>
    /// <param name="endpointName">By default <c>http</c>.</param>
    public static IResourceBuilder<T> WithHttpHealthCheck<T>(
        this IResourceBuilder<T> builder, string? path = null, int? statusCode = null, string? endpointName = null)
        where T : IResourceWithEndpoints
    {
        var endpoint = builder.HttpEndpoint(endpointName);
        var (target, expected) = (path ?? "/", statusCode ?? 200);
        return builder.WithAnnotation(new HealthProbeAnnotation(
            $"{builder.Resource.Name}_{endpoint.EndpointName}_{target}_{expected}_check",
            (instance, ct) => HttpProbe.AskAsync(instance.UrlOf(endpoint), target, expected, ct)));
    }

    /// <summary>Gives a resource a command that is an HTTP request to it; POST by default.</summary>
    public static IResourceBuilder<T> WithHttpCommand<T>(
        this IResourceBuilder<T> builder, string path, string displayName, string? endpointName = null, string? commandName = null,
        HttpCommandOptions? commandOptions = null) where T : IResourceWithEndpoints
    {
        var endpoint = builder.HttpEndpoint(endpointName);
        var options = commandOptions ?? new();
        var method = options.Method ?? HttpMethod.Post;
        options.UpdateState ??= context => context.ResourceSnapshot.State?.Text == KnownResourceStates.Running
            ? ResourceCommandState.Enabled : ResourceCommandState.Disabled;
#pragma warning disable CA1308 // The name of the command is as in Aspire.
        commandName ??= $"{builder.Resource.Name}-{endpoint.EndpointName}-http-{method.Method.ToLowerInvariant()}-{path}";
#pragma warning restore CA1308
        return builder.WithCommand(commandName, displayName, context => SendAsync(context, endpoint, method, path, options), options);
    }

    private static async Task<ExecuteCommandResult> SendAsync(
        ExecuteCommandContext context, EndpointReference endpoint, HttpMethod method, string path, HttpCommandOptions options)
    {
        var url = context.ServiceProvider.GetRequiredService<ApplicationEngine>().InstanceOf(context.ResourceName).UrlOf(endpoint);
        using var request = new HttpRequestMessage(method, new Uri(url, path));
        if (options.PrepareRequest is { } prepare)
            await prepare(new()
            {
                ServiceProvider = context.ServiceProvider, ResourceName = context.ResourceName, Endpoint = endpoint,
                Request = request, CancellationToken = context.CancellationToken,
            });
        using var response = await HttpProbe.Client.SendAsync(request, context.CancellationToken);
        if (options.GetCommandResult is { } judge)
            return await judge(new()
            {
                ServiceProvider = context.ServiceProvider, ResourceName = context.ResourceName, Endpoint = endpoint,
                Response = response, CancellationToken = context.CancellationToken,
            });
        return response.IsSuccessStatusCode ? CommandResults.Success()
            : CommandResults.Failure($"Request failed with status code {response.StatusCode}.");
    }

    private static EndpointReference HttpEndpoint<T>(this IResourceBuilder<T> builder, string? endpointName) where T : IResourceWithEndpoints
    {
        var endpoint = builder.GetEndpoint(endpointName ?? "http");
        return endpoint.Exists && endpoint.Scheme is not ("http" or "https")
            ? throw new DistributedApplicationException(
                $"The endpoint '{endpoint.EndpointName}' of '{builder.Resource.Name}' is not an HTTP endpoint: its scheme is '{endpoint.Scheme}'.")
            : endpoint;
    }
}
