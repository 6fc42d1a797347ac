using System.Text;
using LocalAspire.Dashboard.Otlp;

namespace LocalAspire.Dashboard.Store;

/// <summary>A program that sends telemetry: one replica of a service.</summary>
public sealed class TelemetryResource(IReadOnlyList<Tag> attributes, int color)
{
    /// <summary>Everything it says of itself.</summary>
    public IReadOnlyList<Tag> Attributes { get; } = attributes;

    /// <summary>The service.</summary>
    public string Name { get; } = Value(attributes, "service.name") ?? "unknown";

    /// <summary>Which replica of it.</summary>
    public string Instance { get; } = Value(attributes, "service.instance.id") ?? "";

    /// <summary>The number of its service's colour.</summary>
    public int Color { get; } = color;

    /// <summary>The attribute with this key; null where it has none.</summary>
    public string? this[string key] => Value(Attributes, key);

    private static string? Value(IReadOnlyList<Tag> attributes, string key)
    {
        foreach (var attribute in attributes)
            if (attribute.Key == key)
                return attribute.Value;
        return null;
    }
}

/// <summary>What within a program made the telemetry: a library, or the category of a logger.</summary>
public sealed record TelemetryScope(string Name, string Version);

/// <summary>Knows each resource and each scope once, however often they are sent.</summary>
internal sealed class ResourceRegistry
{
    /// <summary>A program restarted all day is a new resource each time: at some point the earliest are forgotten.</summary>
    private const int MaxResources = 2_000;
    private const int MaxScopes = 10_000;

    private readonly Lock _lock = new();
    private readonly OrderedDictionary<string, TelemetryResource> _resources = [];
    private readonly Dictionary<string, TelemetryScope> _scopes = [];
    private readonly Dictionary<string, int> _colors = [];

    /// <summary>The resource that this message describes.</summary>
    public TelemetryResource Resource(ReadOnlySpan<byte> message)
    {
        var key = Encoding.Latin1.GetString(message);
        lock (_lock)
        {
            if (_resources.TryGetValue(key, out var known))
                return known;
            var attributes = OtlpValue.ReadAttributes(message, 1);
            var name = attributes.Find(attribute => attribute.Key == "service.name").Value ?? "unknown";
            var color = _colors.TryGetValue(name, out var taken) ? taken : _colors[name] = _colors.Count;
            if (_resources.Count == MaxResources)
                _resources.RemoveAt(0);
            return _resources[key] = new TelemetryResource(attributes, color);
        }
    }

    /// <summary>The scope that this message describes.</summary>
    public TelemetryScope Scope(ReadOnlySpan<byte> message)
    {
        var key = Encoding.Latin1.GetString(message);
        lock (_lock)
        {
            if (_scopes.TryGetValue(key, out var known))
                return known;
            if (_scopes.Count == MaxScopes)
                _scopes.Clear();
            return _scopes[key] = new TelemetryScope(Encoding.UTF8.GetString(WireReader.Find(message, 1)), Encoding.UTF8.GetString(WireReader.Find(message, 2)));
        }
    }

    /// <summary>The services that have sent anything, by name.</summary>
    public string[] ServiceNames()
    {
        lock (_lock)
            return [.. _resources.Values.Select(resource => resource.Name).Distinct().Order(StringComparer.OrdinalIgnoreCase)];
    }

    /// <summary>The colour of a service.</summary>
    public int ColorOf(string service)
    {
        lock (_lock)
            return _colors.GetValueOrDefault(service);
    }
}
