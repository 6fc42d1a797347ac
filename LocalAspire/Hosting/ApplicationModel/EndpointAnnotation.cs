using System.Net.Sockets;

namespace LocalAspire.Hosting.ApplicationModel;

/// <summary>A place where a resource listens.</summary>
/// <param name="protocol">The transport protocol; only TCP is served.</param>
/// <param name="uriScheme">The scheme of its URL; by default the protocol's name.</param>
/// <param name="transport"><c>http</c>, <c>http2</c> or <c>tcp</c>; by default what fits the scheme.</param>
/// <param name="name">Unique in the resource; by default the scheme.</param>
/// <param name="port">The public port; by default one that is free.</param>
/// <param name="targetPort">The port that the process itself listens on; by default one that is free.</param>
/// <param name="isExternal">Whether clients outside the application use it.</param>
/// <param name="isProxied">Whether a public port is owned by the engine, which forwards to the replicas.</param>
public sealed class EndpointAnnotation(
    ProtocolType protocol, string? uriScheme = null, string? transport = null, string? name = null,
    int? port = null, int? targetPort = null, bool? isExternal = null, bool isProxied = true) : IResourceAnnotation
{
    private string? _transport = transport;

    /// <summary>Unique in the resource.</summary>
    public string Name { get; set; } = ModelName.Validate("Endpoint", name ?? uriScheme ?? SchemeOf(protocol));

    /// <summary>The transport protocol.</summary>
    public ProtocolType Protocol { get; set; } = protocol;

    /// <summary>The scheme of the endpoint's URL.</summary>
    public string UriScheme { get; set; } = uriScheme ?? SchemeOf(protocol);

    /// <summary><c>http</c>, <c>http2</c> or <c>tcp</c>.</summary>
    public string Transport
    {
        get => _transport ?? (UriScheme is "http" or "https" ? "http" : SchemeOf(Protocol));
        set => _transport = value;
    }

    /// <summary>The public port; null for one that is free.</summary>
    public int? Port { get; set; } = port;

    /// <summary>The port that the process itself listens on; null for one that is free.</summary>
    public int? TargetPort { get; set; } = targetPort;

    /// <summary>The host that the process is told to listen on.</summary>
    public string TargetHost { get; set; } = "127.0.0.1";

    /// <summary>Whether clients outside the application use it.</summary>
    public bool IsExternal { get; set; } = isExternal ?? false;

    /// <summary>Whether a public port is owned by the engine, which forwards to the replicas.</summary>
    public bool IsProxied { get; set; } = isProxied;

    /// <summary>The environment variable in which the process is told its port; null for none.</summary>
    internal string? PortVariable { get; set; }

    /// <summary>The port of each replica, and the public one; null until the engine has chosen.</summary>
    internal EndpointAllocation? Allocation { get; set; }

    private static string SchemeOf(ProtocolType protocol) => protocol == ProtocolType.Udp ? "udp" : "tcp";
}

/// <summary>The ports chosen for an endpoint.</summary>
/// <param name="Host">The host that clients use.</param>
/// <param name="PublicPort">The port that clients use.</param>
/// <param name="TargetPorts">The port of each replica.</param>
internal sealed record EndpointAllocation(string Host, int PublicPort, IReadOnlyList<int> TargetPorts);
