using System.Text.Json.Nodes;
using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace Shop.Gateway.Versions;

/// <summary>
/// Makes version 1 of <c>/users</c> from the one shape that Users serves: <c>{userId, fullName, emailAddress}</c> from
/// <c>{id, name, email}</c>, and the path in <c>Location</c>. Errors pass as they are.
/// </summary>
internal sealed class UserVersion1Transforms : ITransformProvider
{
    public void Apply(TransformBuilderContext context)
    {
        if (context.Route.Metadata?.GetValueOrDefault("Transform") == "UserVersion1")
            context.AddResponseTransform(TransformAsync);
    }

    public void ValidateCluster(TransformClusterValidationContext context)
    {
        // Nothing to configure.
    }

    public void ValidateRoute(TransformRouteValidationContext context)
    {
        // Nothing to configure.
    }

    private static async ValueTask TransformAsync(ResponseTransformContext context)
    {
        var response = context.HttpContext.Response;
        if (context.ProxyResponse is not { IsSuccessStatusCode: true } upstream)
            return;

        if (response.Headers.Location is [{ } location])
            response.Headers.Location = location.Replace("/api/v2/", "/api/v1/", StringComparison.Ordinal);
        if (upstream.Content.Headers.ContentType is not { MediaType: "application/json" })
            return;

        var cancellationToken = context.HttpContext.RequestAborted;
        await using var body = await upstream.Content.ReadAsStreamAsync(cancellationToken);
        var json = await JsonNode.ParseAsync(body, cancellationToken: cancellationToken);
        context.SuppressResponseBody = true;
        response.ContentLength = null;
        await response.WriteAsJsonAsync(ToVersion1(json), cancellationToken);
    }

    /// <summary>A user, or a page of users, in version 1's words.</summary>
    internal static JsonNode? ToVersion1(JsonNode? json) =>
        json is JsonObject page && page["items"] is JsonArray users
            ? new JsonObject
            {
                ["items"] = new JsonArray([.. users.Select(UserToVersion1)]),
                ["nextCursor"] = page["nextCursor"]?.DeepClone(),
            }
            : UserToVersion1(json);

    private static JsonNode? UserToVersion1(JsonNode? user) => new JsonObject
    {
        ["userId"] = user?["id"]?.DeepClone(),
        ["fullName"] = user?["name"]?.DeepClone(),
        ["emailAddress"] = user?["email"]?.DeepClone(),
        ["phone"] = user?["phone"]?.DeepClone(),
        ["createdAt"] = user?["createdAt"]?.DeepClone(),
    };
}
