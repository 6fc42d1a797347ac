using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Shop.Tests.WholeSystem;

/// <summary>Speaks to the shop as a client would: JSON through the gateway.</summary>
public sealed class ShopClient(HttpClient http) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public HttpClient Http => http;

    public void Dispose() => http.Dispose();

    /// <summary>The id of a product of the seeded catalogue; tests that look at stock use one of their own.</summary>
    public static Guid SeededProduct(int number) => Guid.Parse($"01980000-0000-7000-8000-{number:D12}");

    public async Task<Guid> CreateUserAsync()
    {
        var response = await http.PostAsJsonAsync(
            "/api/v1/users",
            new { email = $"{Guid.NewGuid():N}@example.com", name = "Ann Lee", password = "correct horse battery" },
            Cancelled);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        return (await ReadAsync(response))["userId"]!.GetValue<Guid>();
    }

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

    public async Task<HttpResponseMessage> PostOrderAsync(JsonObject order, string? idempotencyKey)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/orders") { Content = JsonContent.Create(order) };
        if (idempotencyKey is not null)
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        return await http.SendAsync(request, Cancelled);
    }

    /// <summary>Places an order that must be accepted, and waits until its saga has ended.</summary>
    public async Task<JsonNode> PlaceOrderAsync(JsonObject order)
    {
        var response = await PostOrderAsync(order, Guid.NewGuid().ToString());
        var accepted = await ReadAsync(response);
        Assert.True(response.StatusCode == HttpStatusCode.Created, accepted.ToJsonString());
        Assert.Equal("Pending", accepted["status"]!.GetValue<string>());
        Assert.Equal($"/api/v1/orders/{accepted["id"]}", response.Headers.Location?.ToString());
        return await EventuallyAsync($"/api/v1/orders/{accepted["id"]}", o => o["status"]!.GetValue<string>() is "Confirmed" or "Cancelled");
    }

    public async Task<JsonNode> GetAsync(string path)
    {
        var response = await http.GetAsync(path, Cancelled);
        var body = await ReadAsync(response);
        Assert.True(response.StatusCode == HttpStatusCode.OK, $"{path}: {(int)response.StatusCode} {body.ToJsonString()}");
        return body;
    }

    public async Task<HttpStatusCode> GetStatusAsync(string path) => (await http.GetAsync(path, Cancelled)).StatusCode;

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
        var response = await http.PutAsJsonAsync($"/api/v1/inventory/{productId}", new { onHand }, Cancelled);
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
