using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Shop.Tests.WholeSystem;

/// <summary>Cancelling and sending orders, on all services.</summary>
[Collection<SharedShop>]
public sealed class CancellationTests(RunningShop shop)
{
    private readonly ShopClient _client = shop.Client;

    [Fact]
    public async Task Cancel_Confirmed_RefundsAndReturnsTheStock()
    {
        var (userId, productId) = (await _client.CreateUserAsync(), ShopClient.SeededProduct(30));
        var order = await _client.PlaceOrderAsync(ShopClient.OrderFor(userId, productId, 3));

        Assert.Equal(HttpStatusCode.Accepted, await CancelAsync(order));

        order = await UntilAsync(order, "Cancelled");
        Assert.Equal("Requested", order["cancellation"]!["reason"]!.GetValue<string>());
        Assert.Equal((1000, 0, 1000), await _client.GetStockAsync(productId));
        var payment = await _client.GetAsync($"/api/v1/orders/{order["id"]}/payment");
        Assert.Equal("Refunded", payment["status"]!.GetValue<string>());
        Assert.Equal(payment["amount"]!.GetValue<decimal>(), payment["refunded"]!.GetValue<decimal>());
        var shipment = await _client.GetAsync($"/api/v1/orders/{order["id"]}/shipment");
        Assert.Equal("Cancelled", shipment["status"]!.GetValue<string>());
        Assert.Equal(["OrderConfirmed", "OrderCancelled"], await _client.GetNotificationsAsync(userId, 2));
    }

    [Fact]
    public async Task Cancel_AtOnceAfterPlacing_AlwaysEndsWithNothingHeldOrPaid()
    {
        var (userId, productId) = (await _client.CreateUserAsync(), ShopClient.SeededProduct(31));
        var placed = await Task.WhenAll(Enumerable.Range(0, 10).Select(async _ =>
        {
            var order = await ShopClient.ReadAsync(
                await _client.SubmitOrderAsync(ShopClient.OrderFor(userId, productId, 2), Guid.NewGuid().ToString()));
            Assert.Equal(HttpStatusCode.Accepted, await CancelAsync(order));
            return order;
        }));

        foreach (var order in placed)
            await UntilAsync(order, "Cancelled");
        Assert.Equal((1000, 0, 1000), await _client.GetStockAsync(productId));
    }

    [Fact]
    public async Task Shipment_DispatchedAndDelivered_TakesTheOrderAlongAndCannotBeCancelled()
    {
        var userId = await _client.CreateUserAsync();
        var order = await _client.PlaceOrderAsync(ShopClient.OrderFor(userId, ShopClient.SeededProduct(32), 1));
        var shipment = await _client.GetAsync($"/api/v1/orders/{order["id"]}/shipment");

        Assert.Equal(HttpStatusCode.Conflict, await AdvanceAsync(shipment, "Delivered"));
        Assert.Equal(HttpStatusCode.BadRequest, await AdvanceAsync(shipment, "Lost"));
        Assert.Equal(HttpStatusCode.OK, await AdvanceAsync(shipment, "Dispatched"));
        await UntilAsync(order, "Shipped");
        Assert.Equal(HttpStatusCode.Conflict, await CancelAsync(order));
        Assert.Equal(HttpStatusCode.OK, await AdvanceAsync(shipment, "Delivered"));
        await UntilAsync(order, "Delivered");
        Assert.Equal(["OrderConfirmed", "OrderShipped", "OrderDelivered"], await _client.GetNotificationsAsync(userId, 3));
    }

    [Fact]
    public async Task Shipments_PageByPage_AreListedEachOnceNewestFirst()
    {
        var userId = await _client.CreateUserAsync();
        foreach (var _ in Enumerable.Range(0, 2))
            await _client.PlaceOrderAsync(ShopClient.OrderFor(userId, ShopClient.SeededProduct(33), 1));

        var first = await _client.GetAsync("/api/v1/shipments?pageSize=1");
        var second = await _client.GetAsync($"/api/v1/shipments?pageSize=1&cursor={first["nextCursor"]}");

        var (newest, next) = (Assert.Single(first["items"]!.AsArray())!, Assert.Single(second["items"]!.AsArray())!);
        Assert.True(newest["id"]!.GetValue<Guid>().CompareTo(next["id"]!.GetValue<Guid>()) > 0);
        Assert.Equal(["id", "orderId", "status", "carrier", "trackingNumber", "history"], newest.AsObject().Select(property => property.Key));
        Assert.Equal(["at", "status"], newest["history"]![0]!.AsObject().Select(property => property.Key));
        Assert.Equal(newest.ToJsonString(), (await _client.GetAsync($"/api/v1/shipments/{newest["id"]}")).ToJsonString());
    }

    [Fact]
    public async Task Cancel_UnknownOrder_IsNotFound() =>
        Assert.Equal(HttpStatusCode.NotFound, await CancelAsync(new JsonObject { ["id"] = Guid.NewGuid() }));

    private async Task<HttpStatusCode> CancelAsync(JsonNode order) => (await ShopClient.RepeatAsync(() => _client.Http.PostAsync(
        $"/api/v1/orders/{order["id"]}/cancellation", null, TestContext.Current.CancellationToken))).StatusCode;

    private async Task<HttpStatusCode> AdvanceAsync(JsonNode shipment, string status) => (await ShopClient.RepeatAsync(() => _client.Http.PutAsJsonAsync(
        $"/api/v1/shipments/{shipment["id"]}", new { status }, TestContext.Current.CancellationToken))).StatusCode;

    private Task<JsonNode> UntilAsync(JsonNode order, string status) =>
        _client.EventuallyAsync($"/api/v1/orders/{order["id"]}", o => o["status"]!.GetValue<string>() == status);
}
