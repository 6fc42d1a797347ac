using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Shop.Tests.WholeSystem;

/// <summary>What <c>POST /api/v1/orders</c> accepts, refuses and repeats.</summary>
[Collection<SharedShop>]
public sealed class PlaceOrderTests(RunningShop shop)
{
    private readonly ShopClient _client = shop.Client;

    [Fact]
    public async Task PlaceOrder_SameKeyAndBody_GivesTheSameAnswer()
    {
        var order = ShopClient.OrderFor(await _client.CreateUserAsync(), ShopClient.SeededProduct(10), 1);

        var first = await _client.SubmitOrderAsync(order, "key-1");
        var again = await _client.SubmitOrderAsync(order, "key-1");

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.Created), (first.StatusCode, again.StatusCode));
        Assert.Equal(first.Headers.Location, again.Headers.Location);
        Assert.Equal(await Body(first), await Body(again));
    }

    [Fact]
    public async Task PlaceOrder_SameKeyManyTimesAtOnce_MakesOneOrder()
    {
        var userId = await _client.CreateUserAsync();
        var order = ShopClient.OrderFor(userId, ShopClient.SeededProduct(11), 1);

        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => _client.SubmitOrderAsync(order, "key-2")));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.Created, answer.StatusCode));
        Assert.Single(answers.Select(answer => answer.Headers.Location).Distinct());
        Assert.Single((await _client.GetAsync($"/api/v1/users/{userId}/orders"))["items"]!.AsArray());
    }

    [Fact]
    public async Task PlaceOrder_SameKeyAnotherBody_IsAConflict()
    {
        var userId = await _client.CreateUserAsync();
        var first = await _client.SubmitOrderAsync(ShopClient.OrderFor(userId, ShopClient.SeededProduct(12), 1), "key-3");
        Assert.Equal(HttpStatusCode.Created, first.StatusCode);

        var answer = await _client.SubmitOrderAsync(ShopClient.OrderFor(userId, ShopClient.SeededProduct(12), 2), "key-3");

        await AssertProblem(answer, HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task PlaceOrder_SameKeyOfTwoUsers_MakesTwoOrders()
    {
        var (ann, bo) = (await _client.CreateUserAsync(), await _client.CreateUserAsync());

        var first = await _client.SubmitOrderAsync(ShopClient.OrderFor(ann, ShopClient.SeededProduct(12), 1), "key-7");
        var second = await _client.SubmitOrderAsync(ShopClient.OrderFor(bo, ShopClient.SeededProduct(12), 1), "key-7");

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.Created), (first.StatusCode, second.StatusCode));
        Assert.NotEqual(first.Headers.Location, second.Headers.Location);
        Assert.Equal(bo, (await ShopClient.ReadAsync(second))["userId"]!.GetValue<Guid>());
    }

    [Fact]
    public async Task PlaceOrder_WithoutKey_IsRefused()
    {
        var answer = await _client.PostOrderAsync(ShopClient.OrderFor(await _client.CreateUserAsync(), ShopClient.SeededProduct(13), 1), null);

        Assert.Equal(["idempotencyKey"], Fields(await AssertProblem(answer, HttpStatusCode.BadRequest)));
    }

    [Fact]
    public async Task PlaceOrder_UnknownProduct_IsNamed()
    {
        var answer = await _client.SubmitOrderAsync(ShopClient.OrderFor(await _client.CreateUserAsync(), Guid.NewGuid(), 1), "key-4");

        var problem = await AssertProblem(answer, HttpStatusCode.BadRequest);
        Assert.Equal(["items[0].productId"], Fields(problem));
    }

    [Fact]
    public async Task PlaceOrder_BodyNamesAUser_IsRefused()
    {
        var userId = await _client.CreateUserAsync();
        var order = ShopClient.OrderFor(userId, ShopClient.SeededProduct(14), 1);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/orders") { Content = JsonContent.Create(order) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await _client.GetTokenAsync(userId));
        request.Headers.Add("Idempotency-Key", "key-5");

        var answer = await _client.Http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(["userId"], Fields(await AssertProblem(answer, HttpStatusCode.BadRequest)));
    }

    [Fact]
    public async Task PlaceOrder_BodyNamesPrices_CostsWhatProductsSays()
    {
        var price = (await _client.GetAsync($"/api/v1/products/{ShopClient.SeededProduct(14)}"))["price"]!.GetValue<decimal>();
        var order = ShopClient.OrderFor(await _client.CreateUserAsync(), ShopClient.SeededProduct(14), 2);
        order["total"] = 0.01m;
        order["items"]![0]!["unitPrice"] = 0.01m;
        order["items"]![0]!["price"] = 0.01m;

        var answer = await _client.SubmitOrderAsync(order, "key-6");

        var placed = await ShopClient.ReadAsync(answer);
        Assert.True(answer.StatusCode == HttpStatusCode.Created, placed.ToJsonString());
        Assert.Equal((2 * price, price), (placed["total"]!.GetValue<decimal>(), placed["items"]![0]!["unitPrice"]!.GetValue<decimal>()));
    }

    public static TheoryData<string, Action<JsonObject>> BadOrders => new()
    {
        { "items[0].quantity", order => order["items"]![0]!["quantity"] = 0 },
        { "items[0].quantity", order => order["items"]![0]!["quantity"] = 1000 },
        { "items[0].quantity", order => order["items"]![0]!["quantity"] = "two" },
        { "items[0].productId", order => order["items"]![0]!["productId"] = "kettle" },
        { "items", order => order["items"] = new JsonArray() },
        { "items", order => order["items"] = new JsonArray([null]) },
        { "items", order => order.Remove("items") },
        { "items", order => order["items"] = new JsonArray([.. Enumerable.Range(0, 101).Select(_ => order["items"]![0]!.DeepClone())]) },
        { "shippingAddress", order => order.Remove("shippingAddress") },
        { "shippingAddress.country", order => order["shippingAddress"]!["country"] = "Netherlands" },
        { "shippingAddress.city", order => order["shippingAddress"]!["city"] = "" },
        { "paymentMethod", order => order.Remove("paymentMethod") },
    };

    [Theory]
    [MemberData(nameof(BadOrders), DisableDiscoveryEnumeration = true)]
    public async Task PlaceOrder_BadField_IsNamed(string field, Action<JsonObject> spoil)
    {
        var order = ShopClient.OrderFor(await _client.CreateUserAsync(), ShopClient.SeededProduct(14), 1);
        spoil(order);

        var problem = await AssertProblem(await _client.SubmitOrderAsync(order, Guid.NewGuid().ToString()), HttpStatusCode.BadRequest);

        Assert.Equal([field], Fields(problem));
    }

    private static string[] Fields(JsonNode problem) => [.. problem["errors"]!.AsObject().Select(error => error.Key).Order(StringComparer.Ordinal)];

    private static async Task<string> Body(HttpResponseMessage response) =>
        await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

    private static async Task<JsonNode> AssertProblem(HttpResponseMessage response, HttpStatusCode expected)
    {
        var problem = await ShopClient.ReadAsync(response);
        Assert.True(response.StatusCode == expected, problem.ToJsonString());
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal((int)expected, problem["status"]!.GetValue<int>());
        Assert.NotEmpty(problem["traceId"]!.GetValue<string>());
        Assert.NotEmpty(problem["detail"]!.GetValue<string>());
        return problem;
    }
}
