using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text.Json.Nodes;

namespace Shop.Tests.WholeSystem;

/// <summary>An order's statuses as Server-Sent Events, through the gateway, of two replicas.</summary>
[Collection<SharedShop>]
public sealed class OrderEventTests(RunningShop shop)
{
    private readonly ShopClient _client = shop.Client;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Events_FromTheFirstToTheLast_AreTheOrdersStatuses()
    {
        var userId = await _client.CreateUserAsync();
        using var placed = await _client.SubmitOrderAsync(ShopClient.OrderFor(userId, ShopClient.SeededProduct(51), 1), "key");
        var order = await ShopClient.ReadAsync(placed);
        Assert.True(placed.StatusCode == HttpStatusCode.Created, order.ToJsonString());
        // Several, so that some are at a replica that does not move the order on.
        var streams = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => OpenAsync(userId, order["id"]!)));
        var reading = streams.Select(stream => ReadToEndAsync(stream)).ToArray();
        await _client.EventuallyAsync($"/api/v1/orders/{order["id"]}", o => o["status"]!.ToString() == "Confirmed");
        await MoveAsync(order, "Dispatched");
        await MoveAsync(order, "Delivered");

        foreach (var events in await Task.WhenAll(reading))
        {
            Assert.Equal(["Pending", "Confirmed", "Shipped", "Delivered"], events.Select(e => e.Status));
            Assert.Equal(events.Select(e => e.Id).Order(), events.Select(e => e.Id));
        }

        var timeline = await _client.GetAsync($"/api/v1/orders/{order["id"]}/timeline");
        Assert.Equal(timeline["items"]![0]!["at"]!.ToString(), (await reading[0])[0].At);
        var confirmed = (await reading[0])[1].Id;
        using var resumed = await OpenAsync(userId, order["id"]!, confirmed.ToString(CultureInfo.InvariantCulture));
        Assert.Equal(["Shipped", "Delivered"], (await ReadToEndAsync(resumed)).Select(e => e.Status));
        using var ended = await OpenAsync(userId, order["id"]!, (await reading[0])[^1].Id.ToString(CultureInfo.InvariantCulture));
        Assert.Equal(HttpStatusCode.NoContent, ended.StatusCode);
    }

    [Fact]
    public async Task Events_OfACancelledOrder_EndWithIt()
    {
        var userId = await _client.CreateUserAsync();
        var order = await _client.PlaceOrderAsync(ShopClient.OrderFor(userId, ShopClient.SeededProduct(51), 1, "tok_declined"));

        using var stream = await OpenAsync(userId, order["id"]!);

        Assert.Equal("text/event-stream", stream.Content.Headers.ContentType?.MediaType);
        Assert.Equal(["Pending", "Cancelling", "Cancelled"], (await ReadToEndAsync(stream)).Select(e => e.Status));
    }

    [Fact]
    public async Task Events_NoneForAWhile_CommentsKeepTheConnection()
    {
        var userId = await _client.CreateUserAsync();
        var order = await _client.PlaceOrderAsync(ShopClient.OrderFor(userId, ShopClient.SeededProduct(51), 1));
        using var stream = await OpenAsync(userId, order["id"]!);
        using var lines = new StreamReader(await stream.Content.ReadAsStreamAsync(Cancelled));

        string? line;
        do
            line = await lines.ReadLineAsync(Cancelled);
        while (line is not (null or ":"));

        Assert.Equal(":", line);
    }

    [Fact]
    public async Task Events_OfAnOrderThatIsSomebodyElses_AreNotThere()
    {
        var order = await _client.PlaceOrderAsync(ShopClient.OrderFor(await _client.CreateUserAsync(), ShopClient.SeededProduct(51), 1));

        using var stream = await OpenAsync(await _client.CreateUserAsync(), order["id"]!);

        Assert.Equal(HttpStatusCode.NotFound, stream.StatusCode);
    }

    [Theory]
    [InlineData("first")]
    [InlineData("-1")]
    [InlineData("99999999999999999999")]
    public async Task Events_AfterSomethingThatIsNoId_AreRefused(string lastEventId)
    {
        var userId = await _client.CreateUserAsync();
        var order = await _client.PlaceOrderAsync(ShopClient.OrderFor(userId, ShopClient.SeededProduct(51), 1));

        using var stream = await OpenAsync(userId, order["id"]!, lastEventId);

        Assert.Equal(HttpStatusCode.BadRequest, stream.StatusCode);
        Assert.Equal("application/problem+json", stream.Content.Headers.ContentType?.MediaType);
    }

    private async Task<HttpResponseMessage> OpenAsync(Guid userId, JsonNode orderId, string? lastEventId = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/orders/{orderId}/events");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await _client.GetTokenAsync(userId));
        if (lastEventId is not null)
            request.Headers.Add("Last-Event-ID", lastEventId);
        return await _client.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancelled);
    }

    private async Task MoveAsync(JsonNode order, string status)
    {
        var shipment = await _client.GetAsync($"/api/v1/orders/{order["id"]}/shipment");
        using var moved = await ShopClient.RepeatAsync(() => _client.Http.PutAsJsonAsync($"/api/v1/shipments/{shipment["id"]}", new { status }, Cancelled));
        // A conflict where it was done, and the answer came too late: what comes of it is waited for.
        Assert.True(moved.StatusCode is HttpStatusCode.OK or HttpStatusCode.Conflict, $"{moved.StatusCode}");
        var expected = status == "Dispatched" ? "Shipped" : status;
        await _client.EventuallyAsync($"/api/v1/orders/{order["id"]}", o => o["status"]!.ToString() == expected);
    }

    private static async Task<List<(long Id, string Status, string At)>> ReadToEndAsync(HttpResponseMessage response)
    {
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        patience.CancelAfter(TimeSpan.FromMinutes(3));
        var events = new List<(long, string, string)>();
        var parser = SseParser.Create(await response.Content.ReadAsStreamAsync(patience.Token), (_, data) => JsonNode.Parse(data)!);
        await foreach (var item in parser.EnumerateAsync(patience.Token))
        {
            Assert.Equal("status", item.EventType);
            events.Add((long.Parse(item.EventId!, CultureInfo.InvariantCulture), item.Data["status"]!.ToString(), item.Data["at"]!.ToString()));
        }

        return events;
    }
}
