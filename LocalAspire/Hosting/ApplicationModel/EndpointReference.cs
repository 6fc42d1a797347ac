using System.Globalization;

namespace LocalAspire.Hosting.ApplicationModel;

/// <summary>A pointer to an endpoint of a resource, resolved to its URL once the engine has chosen the port.</summary>
/// <param name="owner">The resource that has the endpoint.</param>
/// <param name="endpointName">The endpoint's name.</param>
public sealed class EndpointReference(IResourceWithEndpoints owner, string endpointName) : IValueProvider
{
    /// <summary>The resource that has the endpoint.</summary>
    public IResourceWithEndpoints Resource { get; } = owner;

    /// <summary>The endpoint's name.</summary>
    public string EndpointName { get; } = endpointName;

    /// <summary>Whether the resource has such an endpoint.</summary>
    public bool Exists => Find() is not null;

    /// <summary>Whether the engine has chosen the port.</summary>
    public bool IsAllocated => Find()?.Allocation is not null;

    /// <summary>The endpoint.</summary>
    /// <exception cref="InvalidOperationException">The resource has no such endpoint.</exception>
    public EndpointAnnotation EndpointAnnotation =>
        Find() ?? throw new InvalidOperationException($"The resource '{Resource.Name}' has no endpoint named '{EndpointName}'.");

    /// <summary>The scheme of the URL.</summary>
    public string Scheme => EndpointAnnotation.UriScheme;

    /// <summary>The host that clients use.</summary>
    public string Host => Allocation.Host;

    /// <summary>The port that clients use.</summary>
    public int Port => Allocation.PublicPort;

    /// <summary>The port that the process was told to listen on, where one was fixed.</summary>
    public int? TargetPort => EndpointAnnotation.TargetPort;

    /// <summary>The URL that clients use.</summary>
    /// <exception cref="InvalidOperationException">The application has not been started.</exception>
    public string Url => $"{Scheme}://{Host}:{Port}";

    /// <summary>Whether the scheme is http.</summary>
    public bool IsHttp => string.Equals(Scheme, "http", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether the scheme is https.</summary>
    public bool IsHttps => string.Equals(Scheme, "https", StringComparison.OrdinalIgnoreCase);

    internal EndpointAllocation Allocation => EndpointAnnotation.Allocation ?? throw new InvalidOperationException(
        $"The endpoint '{EndpointName}' of '{Resource.Name}' has no port yet: it gets one when the application is started.");

    /// <summary>One part of the endpoint's address.</summary>
    public EndpointReferenceExpression Property(EndpointProperty property) => new(this, property);

    /// <inheritdoc/>
    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) => new(Url);

    private EndpointAnnotation? Find() => Resource.AnnotationsOf<EndpointAnnotation>()
        .FirstOrDefault(endpoint => string.Equals(endpoint.Name, EndpointName, StringComparison.OrdinalIgnoreCase));
}

/// <summary>A part of an endpoint's address.</summary>
/// <param name="endpointReference">The endpoint.</param>
/// <param name="property">Which part.</param>
public sealed class EndpointReferenceExpression(EndpointReference endpointReference, EndpointProperty property) : IValueProvider
{
    /// <summary>The endpoint.</summary>
    public EndpointReference Endpoint { get; } = endpointReference;

    /// <summary>Which part.</summary>
    public EndpointProperty Property { get; } = property;

    /// <inheritdoc/>
    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) => GetValueAsync(new(), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<string?> GetValueAsync(ValueProviderContext context, CancellationToken cancellationToken = default)
    {
        var replica = ReferenceEquals(context.Caller, Endpoint.Resource) ? context.Replica : 0;
        return new(Property switch
        {
            EndpointProperty.Url => Endpoint.Url,
            EndpointProperty.Host or EndpointProperty.IPV4Host => Endpoint.Host,
            EndpointProperty.Port => Endpoint.Port.ToString(CultureInfo.InvariantCulture),
            EndpointProperty.Scheme => Endpoint.Scheme,
            EndpointProperty.TargetPort => Endpoint.Allocation.TargetPorts[replica].ToString(CultureInfo.InvariantCulture),
            EndpointProperty.HostAndPort => $"{Endpoint.Host}:{Endpoint.Port}",
            _ => throw new InvalidOperationException($"The property '{Property}' of an endpoint has no value."),
        });
    }
}

/// <summary>The parts of an endpoint's address.</summary>
public enum EndpointProperty
{
    /// <summary>The whole URL.</summary>
    Url,
    /// <summary>The host that clients use.</summary>
    Host,
    /// <summary>The host as an IPv4 address.</summary>
    IPV4Host,
    /// <summary>The port that clients use.</summary>
    Port,
    /// <summary>The scheme of the URL.</summary>
    Scheme,
    /// <summary>The port that the process itself listens on.</summary>
    TargetPort,
    /// <summary>Host and port, as <c>host:port</c>.</summary>
    HostAndPort,
}
