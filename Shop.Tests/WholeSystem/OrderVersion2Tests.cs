using System.Net;

namespace Shop.Tests.WholeSystem;

/// <summary>Version 2 of orders beside version 1.</summary>
[Collection<SharedShop>]
public sealed class OrderVersion2Tests(RunningShop shop)
{
    private readonly ShopClient _client = shop.Client;

    [Fact]
    public async Task Order_PlacedInVersion2_IsToldInBothVersions()
    {
        var userId = await _client.CreateUserAsync();

        using var response = await _client.SubmitOrderAsync(ShopClient.OrderFor(userId, ShopClient.SeededProduct(50), 3), "key", "v2");

        var order = await ShopClient.ReadAsync(response);
        Assert.True(response.StatusCode == HttpStatusCode.Created, order.ToJsonString());
        Assert.Equal($"/api/v2/orders/{order["id"]}", response.Headers.Location?.ToString());
        Assert.Equal(
            ["id", "userId", "status", "total", "items", "shippingAddress", "cancellation", "createdAt", "links"],
            order.AsObject().Select(property => property.Key));
        var version1 = await _client.GetAsync($"/api/v1/orders/{order["id"]}");
        var (line, line1) = (Assert.Single(order["items"]!.AsArray())!, Assert.Single(version1["items"]!.AsArray())!);
        Assert.Equal(["product", "quantity", "unitPrice", "total"], line.AsObject().Select(property => property.Key));
        Assert.Equal(line1["unitPrice"]!.GetValue<decimal>(), line["unitPrice"]!["amount"]!.GetValue<decimal>());
        Assert.Equal(version1["total"]!.GetValue<decimal>(), order["total"]!["amount"]!.GetValue<decimal>());
        Assert.Equal(order["total"]!.ToJsonString(), line["total"]!.ToJsonString());
        Assert.Equal((line1["productId"]!.ToString(), line1["name"]!.ToString()), (line["product"]!["id"]!.ToString(), line["product"]!["name"]!.ToString()));

        await _client.EventuallyAsync(order["links"]!["self"]!.ToString(), o => o["status"]!.ToString() == "Confirmed");
        using var list = await _client.SendAsync(userId, HttpMethod.Get, "/api/v2/orders");
        Assert.Equal(order["id"]!.ToString(), Assert.Single((await ShopClient.ReadAsync(list))["items"]!.AsArray())!["id"]!.ToString());
        foreach (var (name, link) in order["links"]!.AsObject().Where(link => link.Key is not ("events" or "cancellation")))
            Assert.True(await _client.GetStatusAsync(link!.ToString()) == HttpStatusCode.OK, name);
    }

    [Theory]
    [InlineData("v1", "v2")]
    [InlineData("v2", "v1")]
    [InlineData("v2", "v2")]
    public async Task Order_RepeatedInAnotherVersion_IsTheSameOrder(string version, string again)
    {
        var userId = await _client.CreateUserAsync();
        var order = ShopClient.OrderFor(userId, ShopClient.SeededProduct(50), 1);

        using var first = await _client.SubmitOrderAsync(order, "key", version);
        using var second = await _client.SubmitOrderAsync(order, "key", again);
        using var third = await _client.SubmitOrderAsync(order, "key", again);
        using var other = await _client.SubmitOrderAsync(ShopClient.OrderFor(userId, ShopClient.SeededProduct(50), 2), "key", again);

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.Created, HttpStatusCode.Conflict), (first.StatusCode, second.StatusCode, other.StatusCode));
        var id = (await ShopClient.ReadAsync(first))["id"]!.ToString();
        Assert.Equal($"/api/{again}/orders/{id}", second.Headers.Location?.ToString());
        Assert.Equal((await ShopClient.ReadAsync(second)).ToJsonString(), (await ShopClient.ReadAsync(third)).ToJsonString());
        Assert.Single((await _client.GetAsync($"/api/v1/users/{userId}/orders"))["items"]!.AsArray());
    }
}
