using System.Net;
using System.Text.Json.Nodes;

namespace Shop.Tests.WholeSystem;

/// <summary>Orders from HTTP to their end, on all services, Postgres and RabbitMQ.</summary>
[Collection<SharedShop>]
public sealed class OrderFlowTests(RunningShop shop)
{
    private readonly ShopClient _client = shop.Client;

    [Fact]
    public async Task Order_AllGoesWell_IsConfirmed()
    {
        var (userId, productId) = (await _client.CreateUserAsync(), ShopClient.SeededProduct(1));
        var price = (await _client.GetAsync($"/api/v1/products/{productId}"))["price"]!.GetValue<decimal>();

        var order = await _client.PlaceOrderAsync(ShopClient.OrderFor(userId, productId, 2));

        Assert.Equal("Confirmed", Text(order, "status"));
        Assert.Equal(2 * price, order["total"]!.GetValue<decimal>());
        Assert.Null(order["cancellation"]);
        Assert.Equal(
            ["OrderSubmitted", "StockReserved", "PaymentCaptured", "StockCommitted", "ShipmentCreated", "OrderConfirmed"],
            await _client.GetStepsAsync(order));
        Assert.Equal((998, 0, 998), await _client.GetStockAsync(productId));
        var payment = await _client.GetAsync($"/api/v1/orders/{order["id"]}/payment");
        Assert.Equal(("Captured", 2 * price, 0m), (Text(payment, "status"), Money(payment, "amount"), Money(payment, "refunded")));
        var shipment = await _client.GetAsync($"/api/v1/orders/{order["id"]}/shipment");
        Assert.Equal("Created", Text(shipment, "status"));
        Assert.NotEmpty(Text(shipment, "trackingNumber"));
        Assert.Equal(["OrderConfirmed"], await _client.GetNotificationsAsync(userId, 1));
    }

    [Fact]
    public async Task Order_MoreThanThereIs_IsCancelledAndHoldsNothing()
    {
        var (userId, scarce, plentiful) = (await _client.CreateUserAsync(), ShopClient.SeededProduct(2), ShopClient.SeededProduct(3));
        await _client.SetStockAsync(scarce, 5);
        var request = ShopClient.OrderFor(userId, scarce, 6);
        request["items"]!.AsArray().Add(new JsonObject { ["productId"] = plentiful, ["quantity"] = 1 });

        var order = await _client.PlaceOrderAsync(request);

        Assert.Equal("Cancelled", Text(order, "status"));
        var cancellation = order["cancellation"]!;
        Assert.Equal("OutOfStock", Text(cancellation, "reason"));
        var shortage = Assert.Single(cancellation["lines"]!.AsArray())!;
        Assert.Equal(
            (scarce, 6, 5),
            (shortage["productId"]!.GetValue<Guid>(), shortage["requested"]!.GetValue<int>(), shortage["available"]!.GetValue<int>()));
        Assert.Equal(["OrderSubmitted", "StockReservationFailed", "OrderCancelled"], await _client.GetStepsAsync(order));
        Assert.Equal((5, 0, 5), await _client.GetStockAsync(scarce));
        Assert.Equal((1000, 0, 1000), await _client.GetStockAsync(plentiful));
        Assert.Equal(HttpStatusCode.NotFound, await _client.GetStatusAsync($"/api/v1/orders/{order["id"]}/payment"));
        Assert.Equal(HttpStatusCode.NotFound, await _client.GetStatusAsync($"/api/v1/orders/{order["id"]}/shipment"));
        Assert.Equal(["OrderCancelled"], await _client.GetNotificationsAsync(userId, 1));
    }

    [Theory]
    [InlineData("tok_declined", "Declined", 4)]
    [InlineData("tok_insufficient_funds", "InsufficientFunds", 5)]
    public async Task Order_PaymentDeclined_IsCancelledAndReleasesItsStock(string paymentMethod, string failure, int product)
    {
        var (userId, productId) = (await _client.CreateUserAsync(), ShopClient.SeededProduct(product));

        var order = await _client.PlaceOrderAsync(ShopClient.OrderFor(userId, productId, 3, paymentMethod));

        Assert.Equal("Cancelled", Text(order, "status"));
        Assert.Equal("PaymentDeclined", Text(order["cancellation"]!, "reason"));
        Assert.Equal(
            ["OrderSubmitted", "StockReserved", "PaymentFailed", "StockReleased", "OrderCancelled"], await _client.GetStepsAsync(order));
        Assert.Equal((1000, 0, 1000), await _client.GetStockAsync(productId));
        var payment = await _client.GetAsync($"/api/v1/orders/{order["id"]}/payment");
        Assert.Equal(("Declined", failure, 0m), (Text(payment, "status"), Text(payment, "failure"), Money(payment, "refunded")));
        Assert.Equal(HttpStatusCode.NotFound, await _client.GetStatusAsync($"/api/v1/orders/{order["id"]}/shipment"));
        Assert.Equal(["OrderCancelled"], await _client.GetNotificationsAsync(userId, 1));
    }

    [Fact]
    public async Task Order_ShipmentRefused_IsCancelledRefundedAndItsStockReturned()
    {
        var (userId, productId) = (await _client.CreateUserAsync(), ShopClient.SeededProduct(6));

        var order = await _client.PlaceOrderAsync(ShopClient.OrderFor(userId, productId, 4, postalCode: "00000"));

        Assert.Equal("Cancelled", Text(order, "status"));
        Assert.Equal("ShipmentRefused", Text(order["cancellation"]!, "reason"));
        var steps = await _client.GetStepsAsync(order);
        Assert.Equal(["OrderSubmitted", "StockReserved", "PaymentCaptured", "StockCommitted", "ShipmentFailed"], steps[..5]);
        Assert.Equal(["PaymentRefunded", "StockReleased"], steps[5..7].Order());
        Assert.Equal(["OrderCancelled"], steps[7..]);
        Assert.Equal((1000, 0, 1000), await _client.GetStockAsync(productId));
        var payment = await _client.GetAsync($"/api/v1/orders/{order["id"]}/payment");
        Assert.Equal("Refunded", Text(payment, "status"));
        Assert.Equal(Money(payment, "amount"), Money(payment, "refunded"));
        Assert.True(Money(payment, "amount") > 0);
        Assert.Equal(HttpStatusCode.NotFound, await _client.GetStatusAsync($"/api/v1/orders/{order["id"]}/shipment"));
        Assert.Equal(["OrderCancelled"], await _client.GetNotificationsAsync(userId, 1));
    }

    [Fact]
    public async Task Orders_ManyForTheLastPiecesAtOnce_NeverOversell()
    {
        var (userId, productId) = (await _client.CreateUserAsync(), ShopClient.SeededProduct(7));
        await _client.SetStockAsync(productId, 50);

        await Parallel.ForEachAsync(
            Enumerable.Range(0, 200),
            new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = TestContext.Current.CancellationToken },
            async (_, _) => Assert.Equal(
                HttpStatusCode.Created,
                (await _client.SubmitOrderAsync(ShopClient.OrderFor(userId, productId, 1), Guid.NewGuid().ToString())).StatusCode));

        var statuses = await StatusesOnceSettledAsync(userId);
        Assert.Equal(
            (200, 50, 150), (statuses.Count, statuses.Count(status => status == "Confirmed"), statuses.Count(status => status == "Cancelled")));
        Assert.Equal((0, 0, 0), await _client.GetStockAsync(productId));
        await _client.EventuallyAsync($"/api/v1/products/{productId}", product => !product["available"]!.GetValue<bool>());
    }

    /// <summary>The status of each of a user's orders, once none of them is under way.</summary>
    private async Task<List<string>> StatusesOnceSettledAsync(Guid userId)
    {
        var statuses = new List<string>();
        var next = "";
        while (next is not null)
        {
            var page = await _client.EventuallyAsync(
                $"/api/v1/users/{userId}/orders?pageSize=100{next}",
                p => p["items"]!.AsArray().All(order => Text(order!, "status") is "Confirmed" or "Cancelled"));
            statuses.AddRange(page["items"]!.AsArray().Select(order => Text(order!, "status")));
            next = page["nextCursor"] is { } cursor ? $"&cursor={cursor}" : null;
        }

        return statuses;
    }

    private static string Text(JsonNode node, string property) => node[property]!.GetValue<string>();

    private static decimal Money(JsonNode node, string property) => node[property]!.GetValue<decimal>();
}
