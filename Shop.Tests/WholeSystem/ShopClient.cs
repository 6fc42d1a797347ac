using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Shop.Tests.WholeSystem;

/// <summary>Speaks to the shop as clients would: JSON through the gateway, by default as its administrator.</summary>
public sealed class ShopClient(Uri address, string adminPassword) : IDisposable
{
    private const string Password = "correct horse battery";

    private readonly HttpClient _http = new(new AdminSignIn(adminPassword)) { BaseAddress = address };
    private readonly ConcurrentDictionary<Guid, string> _emails = new();
    private readonly ConcurrentDictionary<Guid, string> _tokens = new();

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public HttpClient Http => _http;

    public void Dispose() => _http.Dispose();

    /// <summary>The id of a product of the seeded catalogue; tests that look at stock use one of their own.</summary>
    public static Guid SeededProduct(int number) => Guid.Parse($"01980000-0000-7000-8000-{number:D12}");

    /// <summary>Registers a customer.</summary>
    public async Task<Guid> CreateUserAsync()
    {
        // Another address each time: what was not answered may have been done.
        var email = "";
        using var response = await RepeatAsync(() => _http.PostAsJsonAsync(
            "/api/v1/users", new { email = email = $"{Guid.NewGuid():N}@example.com", name = "Ann Lee", password = Password }, Cancelled));
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        var id = (await ReadAsync(response))["userId"]!.GetValue<Guid>();
        _emails[id] = email;
        return id;
    }

    /// <summary>The access token of a customer who has been registered here.</summary>
    public async Task<string> GetTokenAsync(Guid userId) => _tokens.TryGetValue(userId, out var token)
        ? token
        : _tokens[userId] = await SignInAsync(_emails[userId]);

    /// <summary>The next request of a customer begins by signing in.</summary>
    public void ForgetToken(Guid userId) => _tokens.TryRemove(userId, out _);

    /// <summary>The e-mail address of a customer who has been registered here; the password is the same for all.</summary>
    public (string Email, string Password) GetCredentials(Guid userId) => (_emails[userId], Password);

    /// <summary>Sends a request as a customer; as nobody where there is none.</summary>
    public async Task<HttpResponseMessage> SendAsync(Guid? userId, HttpMethod method, string path, HttpContent? content = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        request.Headers.Authorization = userId is { } id ? new AuthenticationHeaderValue("Bearer", await GetTokenAsync(id)) : AdminSignIn.Nobody;
        return await _http.SendAsync(request, Cancelled);
    }

    private async Task<string> SignInAsync(string email)
    {
        var fields = new Dictionary<string, string>
        {
            ["grant_type"] = "password", ["client_id"] = "shop-cli", ["username"] = email, ["password"] = Password,
        };
        using var response = await RepeatAsync(async () =>
        {
            using var form = new FormUrlEncodedContent(fields);
            return await _http.PostAsync("/connect/token", form, Cancelled);
        });
        var body = await ReadAsync(response);
        Assert.True(response.StatusCode == HttpStatusCode.OK, body.ToJsonString());
        return body["access_token"]!.GetValue<string>();
    }

    /// <summary>An order of a customer: who it is, is told <see cref="PostOrderAsync"/> and not the shop.</summary>
    public static JsonObject OrderFor(Guid userId, Guid productId, int quantity, string paymentMethod = "tok_visa", string postalCode = "2611") => new()
    {
        ["userId"] = userId,
        ["items"] = new JsonArray(new JsonObject { ["productId"] = productId, ["quantity"] = quantity }),
        ["shippingAddress"] = new JsonObject
        {
            ["name"] = "Ann Lee",
            ["line1"] = "Kade 1",
            ["city"] = "Delft",
            ["postalCode"] = postalCode,
            ["country"] = "NL",
        },
        ["paymentMethod"] = paymentMethod,
    };

    /// <summary>Places an order as the customer that <see cref="OrderFor"/> was given: the shop finds that in the token.</summary>
    public async Task<HttpResponseMessage> PostOrderAsync(JsonObject order, string? idempotencyKey, string version = "v1")
    {
        var body = order.DeepClone().AsObject();
        body.Remove("userId", out var userId);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/{version}/orders") { Content = JsonContent.Create(body) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await GetTokenAsync(userId!.GetValue<Guid>()));
        if (idempotencyKey is not null)
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        return await _http.SendAsync(request, Cancelled);
    }

    /// <summary>Places an order as clients should: where there is no answer just now, the same again with the same key.</summary>
    public Task<HttpResponseMessage> SubmitOrderAsync(JsonObject order, string idempotencyKey, string version = "v1") =>
        RepeatAsync(() => PostOrderAsync(order, idempotencyKey, version));

    /// <summary>Asks what may be asked twice: again where the shop says that it cannot just now, when it says, or gave up waiting for a part of it.</summary>
    public static async Task<HttpResponseMessage> RepeatAsync(Func<Task<HttpResponseMessage>> ask)
    {
        for (var patience = DateTimeOffset.UtcNow + Patience; ;)
        {
            var response = await ask();
            if (response.StatusCode is not (HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout) || DateTimeOffset.UtcNow > patience)
                return response;
            var wait = response.Headers.RetryAfter?.Delta;
            Assert.True(wait is not null || response.StatusCode != HttpStatusCode.ServiceUnavailable, "A 503 did not say when to try again.");
            response.Dispose();
            await Task.Delay(wait ?? TimeSpan.FromSeconds(1), Cancelled);
        }
    }

    /// <summary>Places an order that must be accepted, and waits until its saga has ended.</summary>
    public async Task<JsonNode> PlaceOrderAsync(JsonObject order)
    {
        using var response = await SubmitOrderAsync(order, Guid.NewGuid().ToString());
        var accepted = await ReadAsync(response);
        Assert.True(response.StatusCode == HttpStatusCode.Created, accepted.ToJsonString());
        Assert.Equal("Pending", accepted["status"]!.GetValue<string>());
        Assert.Equal($"/api/v1/orders/{accepted["id"]}", response.Headers.Location?.ToString());
        return await EventuallyAsync($"/api/v1/orders/{accepted["id"]}", o => o["status"]!.GetValue<string>() is "Confirmed" or "Cancelled");
    }

    public async Task<JsonNode> GetAsync(string path)
    {
        using var response = await RepeatAsync(() => _http.GetAsync(path, Cancelled));
        var body = await ReadAsync(response);
        Assert.True(response.StatusCode == HttpStatusCode.OK, $"{path}: {(int)response.StatusCode} {body.ToJsonString()}");
        return body;
    }

    /// <summary>What is put together of what several services say, once none of them is too slow.</summary>
    public Task<JsonNode> GetWholeAsync(string path, string unavailable = "unavailable") => EventuallyAsync(path, answer => answer[unavailable]!.AsArray().Count == 0);

    /// <summary>The description of a version of the API, of all services.</summary>
    public Task<JsonNode> GetDescriptionAsync(string version) => GetWholeAsync($"/openapi/{version}.json", "x-unavailable");

    /// <summary>Every route of the API, such as <c>GET /api/v1/orders/{id}</c>, as the gateway describes it for all services and for itself.</summary>
    public async Task<string[]> GetRoutesAsync()
    {
        var routes = new List<string>();
        foreach (var version in (string[])["v1", "v2"])
        {
            var document = await GetDescriptionAsync(version);
            routes.AddRange(document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject().Select(operation => $"{operation.Key.ToUpperInvariant()} {path.Key}")));
        }

        return [.. routes.Order(StringComparer.Ordinal)];
    }

    public async Task<HttpStatusCode> GetStatusAsync(string path)
    {
        using var response = await RepeatAsync(() => _http.GetAsync(path, Cancelled));
        return response.StatusCode;
    }

    /// <summary>Reads again until the answer is as awaited.</summary>
    public async Task<JsonNode> EventuallyAsync(string path, Func<JsonNode, bool> isAwaited)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        patience.CancelAfter(Patience);
        JsonNode? last = null;
        try
        {
            while (true)
            {
                last = await GetAsync(path);
                if (isAwaited(last))
                    return last;
                await Task.Delay(20, patience.Token);
            }
        }
        catch (OperationCanceledException) when (!Cancelled.IsCancellationRequested)
        {
            throw new TimeoutException($"{path} was not as awaited within {Patience.TotalSeconds} s; last: {last?.ToJsonString()}");
        }
    }

    /// <summary>What is on hand, held and available of a product.</summary>
    public async Task<(int OnHand, int Held, int Available)> GetStockAsync(Guid productId)
    {
        var stock = await GetAsync($"/api/v1/inventory/{productId}");
        return (stock["onHand"]!.GetValue<int>(), stock["held"]!.GetValue<int>(), stock["available"]!.GetValue<int>());
    }

    public async Task SetStockAsync(Guid productId, int onHand)
    {
        using var response = await RepeatAsync(() => _http.PutAsJsonAsync($"/api/v1/inventory/{productId}", new { onHand }, Cancelled));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    public async Task<string[]> GetStepsAsync(JsonNode order)
    {
        var timeline = await GetAsync($"/api/v1/orders/{order["id"]}/timeline");
        return [.. timeline["items"]!.AsArray().Select(entry => entry!["step"]!.GetValue<string>())];
    }

    /// <summary>What a user was told about orders, oldest first, once there is as much as expected.</summary>
    public async Task<string[]> GetNotificationsAsync(Guid userId, int expected)
    {
        var page = await EventuallyAsync($"/api/v1/users/{userId}/notifications", p => p["items"]!.AsArray().Count >= expected);
        return [.. page["items"]!.AsArray().Select(notification => notification!["kind"]!.GetValue<string>()).Reverse()];
    }

    public static async Task<JsonNode> ReadAsync(HttpResponseMessage response)
    {
        var body = await response.Content.ReadAsStringAsync(Cancelled);
        try
        {
            return JsonNode.Parse(body)!;
        }
        catch (JsonException)
        {
            throw new InvalidOperationException($"{(int)response.StatusCode} with a body that is not JSON: {body}");
        }
    }
}
