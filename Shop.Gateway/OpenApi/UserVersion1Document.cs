using System.Text.Json.Nodes;

namespace Shop.Gateway.OpenApi;

/// <summary>Describes version 1 of users as <see cref="Versions.UserVersion1Transforms"/> makes it: version 2, with other paths and another user.</summary>
internal static class UserVersion1Document
{
    private const string User = "UserResponse";

    public static JsonObject From(JsonObject version2)
    {
        var document = (JsonObject)version2.DeepClone();
        document["paths"] = new JsonObject((document["paths"] as JsonObject ?? [])
            .Select(path => KeyValuePair.Create(path.Key.Replace("/api/v2/", "/api/v1/", StringComparison.Ordinal), path.Value?.DeepClone())));
        if (document["components"]?["schemas"] is JsonObject schemas && schemas[User] is JsonObject user)
            schemas[User] = ToVersion1(user);
        return document;
    }

    private static JsonObject ToVersion1(JsonObject user)
    {
        var properties = (JsonObject)user["properties"]!;
        (string Version1, string Version2)[] names = [("userId", "id"), ("fullName", "name"), ("emailAddress", "email"), ("phone", "phone"), ("createdAt", "createdAt")];
        return new JsonObject
        {
            ["type"] = "object",
            ["required"] = new JsonArray([.. names.Select(name => (JsonNode)name.Version1)]),
            ["properties"] = new JsonObject(names.Select(name => KeyValuePair.Create(name.Version1, properties[name.Version2]?.DeepClone()))),
        };
    }
}
