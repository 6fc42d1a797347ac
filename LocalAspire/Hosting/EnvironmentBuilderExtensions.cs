using System.Globalization;
using LocalAspire.Hosting.ApplicationModel;

namespace LocalAspire.Hosting;

/// <summary>What can be said about the environment of a resource's processes.</summary>
public static class EnvironmentBuilderExtensions
{
    /// <summary>Sets an environment variable.</summary>
    public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, string name, string? value)
        where T : IResourceWithEnvironment => builder.WithEnvironment(context => context.EnvironmentVariables[name] = value ?? "");

    /// <summary>Sets an environment variable to an interpolated text, resolved when the process starts.</summary>
    public static IResourceBuilder<T> WithEnvironment<T>(
        this IResourceBuilder<T> builder, string name, in ReferenceExpression.ExpressionInterpolatedStringHandler value)
        where T : IResourceWithEnvironment => builder.WithEnvironment(name, value.Build());

    /// <summary>Sets an environment variable to a text, resolved when the process starts.</summary>
    public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, string name, ReferenceExpression value)
        where T : IResourceWithEnvironment => builder.WithEnvironment(context => context.EnvironmentVariables[name] = value);

    /// <summary>Sets an environment variable to what a function returns when the process starts.</summary>
    public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, string name, Func<string> callback)
        where T : IResourceWithEnvironment => builder.WithEnvironment(context => context.EnvironmentVariables[name] = callback());

    /// <summary>Sets an environment variable to an endpoint's URL.</summary>
    public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, string name, EndpointReference endpointReference)
        where T : IResourceWithEnvironment => builder.WithEnvironment(context => context.EnvironmentVariables[name] = endpointReference);

    /// <summary>Sets an environment variable to a parameter's value.</summary>
    public static IResourceBuilder<T> WithEnvironment<T>(
        this IResourceBuilder<T> builder, string name, IResourceBuilder<ParameterResource> parameter)
        where T : IResourceWithEnvironment => builder.WithEnvironment(context => context.EnvironmentVariables[name] = parameter.Resource);

    /// <summary>Changes the environment variables when the process starts.</summary>
    public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, Action<EnvironmentCallbackContext> callback)
        where T : IResourceWithEnvironment => builder.WithEnvironment(context =>
        {
            callback(context);
            return Task.CompletedTask;
        });

    /// <summary>Changes the environment variables when the process starts.</summary>
    public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, Func<EnvironmentCallbackContext, Task> callback)
        where T : IResourceWithEnvironment => builder.WithAnnotation(new EnvironmentCallbackAnnotation(callback));

    /// <summary>Tells a resource how to connect to another: <c>ConnectionStrings__NAME</c>, and the parts as <c>NAME_HOST</c> and so on.</summary>
    /// <param name="builder">The resource that connects.</param>
    /// <param name="source">What it connects to.</param>
    /// <param name="connectionName">The name it uses; by default that of the source.</param>
    /// <param name="optional">Whether a missing connection string is left out; otherwise it fails the start.</param>
    public static IResourceBuilder<T> WithReference<T>(
        this IResourceBuilder<T> builder, IResourceBuilder<IResourceWithConnectionString> source, string? connectionName = null,
        bool optional = false) where T : IResourceWithEnvironment
    {
        var resource = source.Resource;
        var name = connectionName ?? resource.Name;
        var prefix = name.Length == 0 ? "" : $"{ModelName.ToVariable(name).ToUpperInvariant()}_";
        return builder.WithAnnotation(new ResourceRelationshipAnnotation(resource, "Reference")).WithEnvironment(async context =>
        {
            var connectionString = await resource.GetConnectionStringAsync(context.CancellationToken);
            if (connectionString is not null)
                context.EnvironmentVariables[resource.ConnectionStringEnvironmentVariable ?? $"ConnectionStrings__{name}"] = connectionString;
            else if (!optional)
                throw new DistributedApplicationException($"The connection string of '{resource.Name}' is missing.");
            foreach (var (part, value) in resource.GetConnectionProperties())
                context.EnvironmentVariables[$"{prefix}{part.ToUpperInvariant()}"] = value;
        });
    }

    /// <summary>Tells a resource where to find all endpoints of another: <c>services__NAME__KEY__INDEX</c> for each replica, and <c>NAME_KEY</c>.</summary>
    public static IResourceBuilder<T> WithReference<T>(
        this IResourceBuilder<T> builder, IResourceBuilder<IResourceWithServiceDiscovery> source) where T : IResourceWithEnvironment =>
        builder.WithEndpoints(source.Resource, source.Resource.GetEndpoints);

    /// <summary>Tells a resource where to find one endpoint of another.</summary>
    public static IResourceBuilder<T> WithReference<T>(this IResourceBuilder<T> builder, EndpointReference endpointReference)
        where T : IResourceWithEnvironment => builder.WithEndpoints(endpointReference.Resource, () => [endpointReference]);

    /// <summary>Tells a resource where to find something outside the application.</summary>
    /// <exception cref="InvalidOperationException">The address is not absolute, or its path does not end in a slash.</exception>
    public static IResourceBuilder<T> WithReference<T>(this IResourceBuilder<T> builder, string name, Uri uri) where T : IResourceWithEnvironment =>
        !uri.IsAbsoluteUri || !uri.AbsolutePath.EndsWith('/') || uri.Query.Length > 0 || uri.Fragment.Length > 0
            ? throw new InvalidOperationException($"'{uri}' must be an absolute address that ends in '/', without query and fragment.")
            : builder.WithAnnotation(new ExternalServiceAnnotation(name, uri)).WithEnvironment($"services__{name}__default__0", uri.ToString())
                .WithEnvironment(ModelName.ToVariable(name), uri.ToString());

    private static IResourceBuilder<T> WithEndpoints<T>(
        this IResourceBuilder<T> builder, IResourceWithEndpoints source, Func<IEnumerable<EndpointReference>> endpoints)
        where T : IResourceWithEnvironment =>
        builder.WithAnnotation(new ResourceRelationshipAnnotation(source, "Reference")).WithEnvironment(context =>
        {
            foreach (var endpoint in endpoints())
            {
                var (key, variable) = (endpoint.EndpointName, ModelName.ToVariable($"{source.Name}_{endpoint.EndpointName}").ToUpperInvariant());
                context.EnvironmentVariables[variable] = endpoint;
                foreach (var (replica, port) in endpoint.Allocation.TargetPorts.Index())
                    context.EnvironmentVariables[$"services__{source.Name}__{key}__{replica}"] =
                        string.Create(CultureInfo.InvariantCulture, $"{endpoint.Scheme}://127.0.0.1:{port}");
            }
        });
}
