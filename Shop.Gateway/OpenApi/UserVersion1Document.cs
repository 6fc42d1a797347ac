using System.Text.Json.Nodes;

namespace Shop.Gateway.OpenApi;

/// <summary>
/// Describes version 1 of users as <see cref="Versions.UserVersion1Transforms"/> makes it: version 2, with other paths and other names.
/// </summary>
internal static class UserVersion1Document
{
    private static readonly Dictionary<string, Dictionary<string, string?>> Names = new()
    {
        ["UserResponse"] = new() { ["id"] = "userId", ["name"] = "fullName", ["email"] = "emailAddress", ["roles"] = null },
        ["CreateUserRequest"] = new() { ["name"] = "fullName", ["email"] = "emailAddress" },
        ["UpdateUserRequest"] = new() { ["name"] = "fullName", ["email"] = "emailAddress" },
    };

    public static JsonObject From(JsonObject version2)
    {
        var document = (JsonObject)version2.DeepClone();
        document["paths"] = new JsonObject((document["paths"] as JsonObject ?? [])
            .Select(path => KeyValuePair.Create(path.Key.Replace("/api/v2/", "/api/v1/", StringComparison.Ordinal), path.Value?.DeepClone())));
        foreach (var (name, names) in Names)
        {
            if (document["components"]?["schemas"]?[name] is JsonObject schema)
                Rename(schema, names);
        }

        return document;
    }

    /// <param name="schema">Of an object.</param>
    /// <param name="names">Version 1's names by version 2's; null for what version 1 has not.</param>
    private static void Rename(JsonObject schema, Dictionary<string, string?> names)
    {
        if (schema["properties"] is JsonObject properties)
        {
            schema["properties"] = new JsonObject(properties
                .Where(property => NameOf(property.Key) is not null)
                .Select(property => KeyValuePair.Create(NameOf(property.Key)!, property.Value?.DeepClone())));
        }

        if (schema["required"] is JsonArray required)
            schema["required"] = new JsonArray([.. required.Select(name => NameOf(name!.GetValue<string>())).OfType<string>().Select(name => (JsonNode)name)]);

        string? NameOf(string name) => names.TryGetValue(name, out var version1) ? version1 : name;
    }
}
