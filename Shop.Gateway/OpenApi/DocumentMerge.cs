using System.Text.Json.Nodes;

namespace Shop.Gateway.OpenApi;

/// <summary>Makes one OpenAPI document of those of several services.</summary>
internal sealed class DocumentMerge(string version)
{
    private const string SchemaReference = "#/components/schemas/";

    /// <summary>What is answered to requests that are for no operation, and so is described with none.</summary>
    private const string Everywhere =
        "Errors are problem details (RFC 9457). Another path is 404, another method 405 with Allow. What cannot be read as HTTP is refused before, without a body: 400, 414 and 431.";

    private readonly JsonObject _paths = [];
    private readonly JsonObject _schemas = [];
    private readonly JsonObject _securitySchemes = [];
    private readonly SortedSet<string> _tags = new(StringComparer.Ordinal);

    /// <summary>Adds a service's document. A schema that means something else than one of the same name before gets the service's name in front.</summary>
    public void Add(string service, JsonObject document)
    {
        var schemas = document["components"]?["schemas"] as JsonObject ?? [];
        var clashes = schemas.Select(schema => schema.Key).Where(name => _schemas[name] is { } known && !JsonNode.DeepEquals(known, schemas[name])).ToArray();
        var names = clashes.ToDictionary(name => name, name => $"{char.ToUpperInvariant(service[0])}{service[1..]}{name}");
        if (names.Count > 0)
            Rename(document, names);

        foreach (var (name, schema) in schemas)
            _schemas.TryAdd(names.GetValueOrDefault(name, name), schema?.DeepClone());
        foreach (var (name, scheme) in document["components"]?["securitySchemes"] as JsonObject ?? [])
            _securitySchemes.TryAdd(name, scheme?.DeepClone());
        foreach (var (path, operations) in document["paths"] as JsonObject ?? [])
            AddPath(path.TrimEnd('/'), (JsonObject)operations!);
    }

    /// <summary>The whole; services without a part in it are named.</summary>
    public JsonObject ToDocument(IReadOnlyCollection<string> unavailable) => new()
    {
        ["openapi"] = "3.1.1",
        ["info"] = new JsonObject
        {
            ["title"] = "Shop",
            ["version"] = version,
            ["description"] = unavailable.Count == 0
                ? $"The API of all services, as seen through the gateway. {Everywhere}"
                : $"The API as seen through the gateway, without that of services which are away just now: {string.Join(", ", unavailable)}. {Everywhere}",
        },
        ["servers"] = new JsonArray(new JsonObject { ["url"] = "/" }),
        ["paths"] = new JsonObject(_paths.OrderBy(path => path.Key, StringComparer.Ordinal).Select(path => KeyValuePair.Create(path.Key, path.Value?.DeepClone()))),
        ["components"] = new JsonObject { ["schemas"] = _schemas.DeepClone(), ["securitySchemes"] = _securitySchemes.DeepClone() },
        ["tags"] = new JsonArray([.. _tags.Select(tag => (JsonNode)new JsonObject { ["name"] = tag })]),
        ["x-unavailable"] = new JsonArray([.. unavailable.Select(service => (JsonNode)service)]),
    };

    private void AddPath(string path, JsonObject operations)
    {
        if (_paths[path] is not JsonObject known)
            _paths[path] = known = [];
        foreach (var (method, operation) in operations)
        {
            known.TryAdd(method, operation?.DeepClone());
            _tags.UnionWith((operation?["tags"] as JsonArray ?? []).Select(tag => tag!.GetValue<string>()));
        }
    }

    private static void Rename(JsonNode? node, Dictionary<string, string> names)
    {
        if (node is JsonArray array)
        {
            foreach (var item in array)
                Rename(item, names);
        }
        else if (node is JsonObject something)
        {
            foreach (var (name, value) in something.ToArray())
            {
                if (name == "$ref" && value!.GetValue<string>() is var target && target.StartsWith(SchemaReference, StringComparison.Ordinal)
                    && names.TryGetValue(target[SchemaReference.Length..], out var renamed))
                    something[name] = SchemaReference + renamed;
                else
                    Rename(value, names);
            }
        }
    }
}
