using System.Buffers;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace Shop.Gateway.Versions;

/// <summary>
/// Makes version 1 of <c>/users</c> from the one shape that Users serves: <c>{userId, fullName, emailAddress}</c> from
/// <c>{id, name, email}</c>, and the path in <c>Location</c>; and the other way round where something is sent, which may say <c>name</c> and
/// <c>email</c> as well. What is wrong is named as it was sent.
/// </summary>
internal sealed class UserVersion1Transforms : ITransformProvider
{
    public void Apply(TransformBuilderContext context)
    {
        if (context.Route.Metadata?.GetValueOrDefault("Transform") != "UserVersion1")
            return;
        context.AddRequestTransform(TranslateAsync);
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

    /// <summary>The body has been read in before, see <see cref="Resilience.BodyFirst"/>.</summary>
    private static async ValueTask TranslateAsync(RequestTransformContext context)
    {
        var request = context.HttpContext.Request;
        if (context.ProxyRequest.Content is not { } content || !request.HasJsonContentType())
            return;

        using var sent = new MemoryStream();
        await request.Body.CopyToAsync(sent, context.HttpContext.RequestAborted);
        var body = ToVersion2(sent.ToArray());
        request.Body = new MemoryStream(body);
        content.Headers.ContentLength = body.Length;
        if (body.Length != sent.Length)
            context.HttpContext.Items[typeof(UserVersion1Transforms)] = true;
    }

    private static async ValueTask TransformAsync(ResponseTransformContext context)
    {
        var response = context.HttpContext.Response;
        if (response.Headers.Location is [{ } location])
            response.Headers.Location = location.Replace("/api/v2/", "/api/v1/", StringComparison.Ordinal);

        Func<JsonNode?, JsonNode?>? translate = context.ProxyResponse switch
        {
            { IsSuccessStatusCode: true, Content.Headers.ContentType.MediaType: "application/json" } => ToVersion1,
            { StatusCode: HttpStatusCode.BadRequest, Content.Headers.ContentType.MediaType: "application/problem+json" }
                when context.HttpContext.Items.ContainsKey(typeof(UserVersion1Transforms)) => ProblemToVersion1,
            _ => null,
        };
        if (translate is null)
            return;

        var cancellationToken = context.HttpContext.RequestAborted;
        await using var body = await context.ProxyResponse!.Content.ReadAsStreamAsync(cancellationToken);
        var json = await JsonNode.ParseAsync(body, cancellationToken: cancellationToken);
        context.SuppressResponseBody = true;
        response.ContentLength = null;
        await response.WriteAsJsonAsync(translate(json), options: null, contentType: response.ContentType, cancellationToken);
    }

    /// <summary>
    /// A body with the names of its members in Users' words. Only these are looked at, and nothing is read for its meaning: what is no JSON
    /// stays as it is, for Users to refuse.
    /// </summary>
    internal static byte[] ToVersion2(byte[] body)
    {
        var translated = new ArrayBufferWriter<byte>(body.Length + 1);
        var reader = new Utf8JsonReader(body);
        var taken = 0;
        try
        {
            while (reader.Read())
            {
                if (reader is not { TokenType: JsonTokenType.PropertyName, CurrentDepth: 1 } || NameInVersion2(ref reader) is not { IsEmpty: false } name)
                    continue;
                translated.Write(body.AsSpan(taken..(int)reader.TokenStartIndex));
                translated.Write(name);
                taken = (int)reader.TokenStartIndex + reader.ValueSpan.Length + 2;
            }
        }
        catch (JsonException)
        {
            return body;
        }

        translated.Write(body.AsSpan(taken));
        return translated.WrittenSpan.ToArray();
    }

    private static ReadOnlySpan<byte> NameInVersion2(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("fullName"u8) ? "\"name\""u8 : reader.ValueTextEquals("emailAddress"u8) ? "\"email\""u8 : default;

    /// <summary>A problem that names fields as version 1 does.</summary>
    private static JsonNode? ProblemToVersion1(JsonNode? problem)
    {
        if (problem?["errors"] is JsonObject errors)
        {
            problem["errors"] = new JsonObject(errors.Select(error => KeyValuePair.Create(
                error.Key switch { "name" => "fullName", "email" => "emailAddress", var other => other }, error.Value?.DeepClone())));
        }

        return problem;
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
