using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Shop.Tests.WholeSystem.Fuzz;

/// <param name="Message">What is sent.</param>
/// <param name="Operation">What it is for; null where it is for no operation that there is.</param>
/// <param name="Description">What to say of it where it finds something.</param>
/// <param name="IsHopeless">It must be refused.</param>
/// <param name="IsHarmless">Nothing may be stored of it: it is hopeless, or asks only, or is about what does not exist.</param>
internal sealed record MalformedRequest(HttpRequestMessage Message, JsonNode? Operation, string Description, bool IsHopeless, bool IsHarmless);

/// <summary>
/// Makes requests of the operations of OpenAPI documents with something wrong in them, or that try to find a way around; by a seed, the same
/// ones again. What is not made wrong is as it should be, so that they come as far as they can.
/// </summary>
internal sealed class MalformedRequests
{
    /// <summary>Of nothing that there is.</summary>
    private const string AnId = "01980000-0000-7000-8000-ffffffffffff";

    private const int OtherMethod = 9;

    /// <summary>Values that are accepted, by the names of their members.</summary>
    private static readonly Dictionary<string, string> Good = new()
    {
        ["country"] = "NL", ["currency"] = "EUR", ["phone"] = "+31 15 1234567", ["imageUrl"] = "https://images.example.com/lamp.jpg", ["paymentMethod"] = "tok_visa",
        ["password"] = "long enough", ["roles"] = "customer", ["notifications"] = "OrderShipped", ["status"] = "Dispatched",
    };

    private static readonly string[] HostileValues =
    [
        "", " ", "0", "-1", "99999999999999999999999", "1e400", "NaN", "null", "true", "undefined", "%00", "%0d%0aX-Injected:%201", "%ff%fe", "..%2f..%2fetc%2fpasswd", "..",
        "'%20OR%201=1--", "%F0%9F%A6%8A", "%ED%A0%80", "{}", "[]", "<script>", "%25s%25n", "00000000-0000-0000-0000-000000000000", AnId, new('x', 3000),
    ];

    private static readonly string[] MediaTypes =
        ["text/plain", "application/xml", "application/octet-stream", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "application/json; charset=utf-16", "nonsense", "*/*"];

    private static readonly string[] HostileTexts =
        ["", "\0", "\u0000a", new('x', 100_000), "\u202e\ufeff", "'; DROP TABLE orders; --", "{{7*7}}", "\r\n", "🦊", "null", "-0", "${jndi:ldap://x}"];

    private readonly Random _random;
    private readonly (string Method, string Path, JsonNode Operation)[] _operations;
    private readonly JsonNode[] _documents;
    private readonly IReadOnlyDictionary<string, Guid> _ids;

    /// <param name="seed">The same one makes the same requests.</param>
    /// <param name="ids">What there is, by the part of the path before it, such as <c>orders</c>.</param>
    /// <param name="documents">What can be asked.</param>
    public MalformedRequests(int seed, IReadOnlyDictionary<string, Guid> ids, params JsonNode[] documents)
    {
        _random = new Random(seed);
        _ids = ids;
        _documents = documents;
        _operations =
        [
            .. from document in documents
               from path in document["paths"]!.AsObject()
               from operation in path.Value!.AsObject()
               select (operation.Key.ToUpperInvariant(), path.Key, operation.Value!),
        ];
    }

    /// <summary>The next request; only such as must leave nothing behind, where that is asked for.</summary>
    public MalformedRequest Next(bool harmlessOnly)
    {
        var (method, path, operation) = Pick(_operations);
        var kind = _random.Next(10);
        if (kind == OtherMethod)
            method = Pick("PATCH", "TRACE", "PROPFIND", "DELETE", "GET", "POST");
        var asksOnly = method is not ("POST" or "PUT" or "DELETE");
        HttpContent? content = null;
        var isHopeless = false;
        if (operation["requestBody"] is { } body)
            (content, isHopeless) = Body(Resolve(body["content"]?["application/json"]?["schema"]), mustBeHopeless: harmlessOnly);
        else if (kind == 8)
            content = Json("{\"surprise\": true}");

        var canHarm = !asksOnly && (!isHopeless || kind == OtherMethod);
        var isAboutNothing = (harmlessOnly && canHarm) || (method == "DELETE" && path.EndsWith("/users/{id}", StringComparison.Ordinal));
        var target = Target(path, operation, isHostile: kind < 4, isAboutNothing);
        var request = new HttpRequestMessage(new HttpMethod(method), Raw(target)) { Content = content };
        request.Headers.TryAddWithoutValidation("Idempotency-Key", Pick("", "k", new string('k', 256), "\u00e9", Guid.NewGuid().ToString(), Guid.NewGuid().ToString()));
        if (_random.Next(4) == 0)
            request.Headers.TryAddWithoutValidation(Pick("Accept", "If-Match", "Range", "Last-Event-ID", "Cookie", "X-Forwarded-For", "X-HTTP-Method-Override", "Accept-Encoding", "traceparent"), Pick("text/html", "*", "\"", "bytes=0-", "-1", new string('a', 2000), "image/png", "DELETE", "00-0-0-0"));
        var isForIt = kind is >= 4 and < OtherMethod;
        return new MalformedRequest(
            request,
            isForIt ? operation : null,
            $"{method} {Shorten(target)} {Shorten(content?.Headers.ContentType?.ToString() ?? "")}",
            // By another method, or at another place, the body may not be looked at.
            isHopeless && isForIt,
            !canHarm || isAboutNothing);
    }

    /// <summary>One for each operation that has a body, with nothing wrong in it: what the others are spoilt from.</summary>
    public IEnumerable<MalformedRequest> Unspoilt() =>
        from operation in _operations
        let schema = operation.Operation["requestBody"]?["content"]?["application/json"]?["schema"]
        where schema is not null
        let target = string.Join('/', operation.Path.Split('/').Aggregate((List<string>)[], (parts, part) =>
            [.. parts, part.StartsWith('{') && _ids.TryGetValue(parts[^1], out var id) ? id.ToString() : part]))
        select new MalformedRequest(
            new HttpRequestMessage(new HttpMethod(operation.Method), Raw(target)) { Content = Json(Example(schema)!.ToJsonString()), Headers = { { "Idempotency-Key", Guid.NewGuid().ToString() } } },
            operation.Operation, $"{operation.Method} {target}", IsHopeless: false, IsHarmless: false);

    private string Target(string path, JsonNode operation, bool isHostile, bool isAboutNothing)
    {
        var parts = path.Split('/');
        var target = string.Join('/', parts.Select((part, i) =>
            !part.StartsWith('{') ? part
            : isHostile ? Pick(HostileValues)
            : isAboutNothing || !_ids.TryGetValue(parts[i - 1], out var id) || _random.Next(4) == 0 ? Pick(AnId, Guid.NewGuid().ToString())
            : id.ToString()));
        if (isHostile && _random.Next(4) == 0)
            target = Pick($"{target}/", $"/{target}", target + "/..%2f..", target.Replace("/api/", "/api/../api/", StringComparison.Ordinal), target.ToUpperInvariant(), $"{target}/%2e%2e/%2e%2e/health", target.Replace("/v1/", "/v3/", StringComparison.Ordinal), target + ";a=b", target + "%00");
        var query = (operation["parameters"] as JsonArray ?? [])
            .Where(parameter => parameter!["in"]?.GetValue<string>() == "query" && _random.Next(2) == 0)
            .Select(parameter => $"{parameter!["name"]}={Pick(HostileValues)}").ToList();
        if (_random.Next(6) == 0)
            query.Add($"{Pick(HostileValues)}={Pick(HostileValues)}");
        return query.Count == 0 ? target : $"{target}?{string.Join('&', query)}";
    }

    private (HttpContent Content, bool IsHopeless) Body(JsonNode? schema, bool mustBeHopeless)
    {
        switch (_random.Next(mustBeHopeless ? 10 : 16))
        {
            case 0:
                return (Json(Pick("{", "", "nul", "{\"a\":1,}", "{'a':1}", "[", "\"", "// nothing\n{}", "{}{}", "\u00a0")), true);
            case 1:
                return (Json(Pick("[]", "1", "\"text\"", "true", "[[[[]]]]", "null")), true);
            case 2:
                return (Json(string.Concat(Enumerable.Repeat("{\"a\":", 200)) + "1" + new string('}', 200)), true);
            case 3:
                return (Bytes([0x7b, 0x22, 0xff, 0xfe, 0xc3, 0x28, 0x22, 0x3a, 0x31, 0x7d]), true);
            case 4:
                var content = Json(Example(schema)?.ToJsonString() ?? "{}");
                content.Headers.ContentType = MediaTypeHeaderValue.TryParse(Pick(MediaTypes), out var type) ? type : null;
                return (content, true);
            case 5:
                return (Json($"{{\"name\": \"{new string('x', 1_100_000)}\"}}"), true);
            case < 10:
                var spoilt = Example(schema);
                return Spoil(spoilt) ? (Json(spoilt!.ToJsonString()), true) : (Json("{"), true);
            case < 13:
                return (Json(Example(schema)?.ToJsonString() ?? "{}"), false);
            default:
                var example = Example(schema);
                Break(example);
                return (Json(example?.ToJsonString() ?? "{}"), false);
        }
    }

    /// <summary>Something that the schema describes, and the operation accepts.</summary>
    private JsonNode? Example(JsonNode? schema, string name = "")
    {
        schema = Resolve(schema);
        var type = schema?["type"] is JsonArray types ? types.Select(t => t!.GetValue<string>()).First(t => t != "null") : schema?["type"]?.GetValue<string>();
        return type switch
        {
            null => null,
            "object" => new JsonObject((schema!["properties"] as JsonObject ?? []).Select(property => KeyValuePair.Create(property.Key, Example(property.Value, property.Key)))),
            "array" => new JsonArray(Example(schema!["items"], name)),
            "integer" or "number" => 1,
            "boolean" => true,
            _ when name is "email" or "emailAddress" => $"{Guid.NewGuid():N}@example.com",
            _ when name == "productId" => _ids["products"].ToString(),
            _ => Good.GetValueOrDefault(name, schema!["format"]?.GetValue<string>() == "uuid" ? AnId : "text"),
        };
    }

    /// <summary>Puts something of another type in some place, or nothing into a list; false where there is no place.</summary>
    private bool Spoil(JsonNode? node)
    {
        if (node is not JsonObject { Count: > 0 } something)
            return false;
        var (name, value) = Pick([.. something]);
        if (value is JsonObject && _random.Next(2) == 0)
            return Spoil(value);
        if (value is JsonArray and [JsonObject item] && _random.Next(2) == 0)
            return Spoil(item);
        something[name] = value switch
        {
            JsonArray => Pick<JsonNode>(new JsonArray([null]), new JsonObject(), "text"),
            JsonObject => Pick<JsonNode>(new JsonArray(), 1, "text"),
            _ => Pick<JsonNode>(new JsonArray(), new JsonObject { ["a"] = new JsonObject() }),
        };
        return true;
    }

    /// <summary>Puts something that does not belong there in some place.</summary>
    private void Break(JsonNode? node)
    {
        if (node is JsonObject { Count: > 0 } something)
        {
            var (name, value) = Pick([.. something]);
            if (value is JsonObject or JsonArray && _random.Next(2) == 0)
                Break(value);
            else
                something[name] = Wrong();
            if (_random.Next(5) == 0)
                something[Pick("roles", "userId", "id", "isAdmin", "price", "__proto__", "")] = Wrong();
        }
        else if (node is JsonArray { Count: > 0 } array)
        {
            if (_random.Next(2) == 0)
                Break(array[0]);
            else
                array[0] = Wrong();
        }
    }

    private JsonNode? Wrong() => _random.Next(8) switch
    {
        0 => null,
        1 => JsonValue.Create(Pick(0, -1, int.MaxValue, int.MinValue)),
        2 => JsonNode.Parse(Pick("1e30", "-1e30", "9999999999999999999999999999", "0.1", "1E400")),
        3 => new JsonArray([.. Enumerable.Range(0, _random.Next(3) * 200).Select(i => (JsonNode)i)]),
        4 => new JsonObject { ["a"] = new JsonObject() },
        5 => true,
        _ => Pick(HostileTexts),
    };

    private JsonNode? Resolve(JsonNode? schema)
    {
        if (schema?["$ref"]?.GetValue<string>() is { } reference)
            return _documents.Select(document => document["components"]!["schemas"]![reference.Split('/')[^1]]).First(found => found is not null);
        return (schema?["oneOf"] as JsonArray)?.Select(Resolve).FirstOrDefault(option => option?["type"]?.ToString() != "null") ?? schema;
    }

    private static Uri Raw(string target) =>
        new($"http://shop{(target.StartsWith('/') ? "" : "/")}{target}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    private static ByteArrayContent Bytes(byte[] bytes) => new(bytes) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };

    private static string Shorten(string text) => text.Length < 200 ? text : string.Create(CultureInfo.InvariantCulture, $"{text[..200]}… ({text.Length})");

    private T Pick<T>(params T[] from) => from[_random.Next(from.Length)];
}
