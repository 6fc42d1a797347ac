using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Shop.Tests.Gateway;

/// <summary>Answers of several services in one, also where some of them are in trouble.</summary>
public sealed class CompositionTests : IAsyncLifetime
{
    private const string Id = "01980000-0000-7000-8000-000000000001";

    private const string Details = $"/api/v1/orders/{Id}/details";

    private static readonly Guid User = Guid.NewGuid();

    private Backend _first = null!;
    private Backend _second = null!;
    private Backend _third = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _first = await Backend.StartAsync();
        _second = await Backend.StartAsync();
        _third = await Backend.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _first.DisposeAsync();
        await _second.DisposeAsync();
        await _third.DisposeAsync();
    }

    [Fact]
    public async Task Details_AllThere_AreAskedAtOnceWithTheCallersToken()
    {
        // Each answers only when all three have been asked.
        var (asked, all) = (new ConcurrentDictionary<Backend, bool>(), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        foreach (var backend in new[] { _first, _second, _third })
        {
            backend.Answer = async context =>
            {
                asked[backend] = true;
                if (asked.Count == 3)
                    all.TrySetResult();
                await all.Task.WaitAsync(context.RequestAborted);
                await context.Response.WriteAsJsonAsync(new { path = context.Request.Path.Value });
            };
        }

        await using var gateway = StartForDetails();

        using var response = await gateway.SendAsync(HttpMethod.Get, Details, User);

        Assert.Equal(
            $$"""{"order":{"path":"/api/v1/orders/{{Id}}"},"payment":{"path":"/api/v1/orders/{{Id}}/payment"},"shipment":{"path":"/api/v1/orders/{{Id}}/shipment"},"unavailable":[]}""",
            await response.Content.ReadAsStringAsync(Cancelled));
        Assert.StartsWith("Bearer ", _second.Requests.First().Authorization, StringComparison.Ordinal);
        Assert.Equal(_first.Requests.First().Authorization, _third.Requests.First().Authorization);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(0)]
    public async Task Details_OnePartIsDown_IsMarkedAndTheRestComes(int status)
    {
        _second.Answer = status == 0 ? Backend.Die : Backend.Status(status);
        await using var gateway = StartForDetails();

        var details = await GetAsync(gateway, Details);

        Assert.Equal("""["payment"]""", details["unavailable"]!.ToJsonString());
        Assert.Null(details["payment"]);
        Assert.NotNull(details["order"]);
        Assert.NotNull(details["shipment"]);
    }

    [Fact]
    public async Task Details_NotYetPaidOrShipped_IsNotUnavailable()
    {
        _second.Answer = _third.Answer = Backend.Status(404);
        await using var gateway = StartForDetails();

        var details = await GetAsync(gateway, Details);

        Assert.Equal("[]", details["unavailable"]!.ToJsonString());
        Assert.Null(details["payment"]);
    }

    [Fact]
    public async Task Details_OfSomebodyElsesOrder_AreNotFound()
    {
        _first.Answer = context =>
        {
            context.Response.StatusCode = 404;
            return context.Response.WriteAsJsonAsync(new { status = 404, detail = "none", traceId = "t" }, options: null, contentType: "application/problem+json");
        };
        await using var gateway = StartForDetails();

        using var response = await gateway.SendAsync(HttpMethod.Get, Details, User);
        using var stranger = await gateway.SendAsync(HttpMethod.Get, Details);

        await TestGateway.AssertProblemAsync(response, 404);
        Assert.Equal(HttpStatusCode.Unauthorized, stranger.StatusCode);
    }

    [Fact]
    public async Task Details_NothingIsThere_IsUnavailable()
    {
        _first.Answer = _second.Answer = _third.Answer = Backend.Die;
        await using var gateway = StartForDetails();

        using var response = await gateway.SendAsync(HttpMethod.Get, Details, User);

        await TestGateway.AssertProblemAsync(response, 503);
        Assert.True(response.Headers.Contains("Retry-After"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Details_OneReplicaOfAPartDiedOrIsSilent_AnotherIsAsked(bool isSilent)
    {
        _second.Answer = isSilent ? context => Task.Delay(Timeout.Infinite, context.RequestAborted) : Backend.Die;
        await using var gateway = TestGateway.Start(
            [("orders", _first.Address), ("payments", _second.Address), ("payments", _third.Address), ("shipping", _third.Address)],
            ("Resilience:HealthInterval", "00:01:00"), ("Resilience:AttemptTimeout", "00:00:02"));

        // Which replica is asked first is left to chance.
        for (var i = 0; i < 100 && _second.Requests.IsEmpty; i++)
            Assert.NotNull((await GetAsync(gateway, Details))["payment"]);

        Assert.NotEmpty(_second.Requests);
    }

    [Fact]
    public async Task Storefront_PassesTheSearchOnAndAddsAvailability()
    {
        string? query = null;
        _first.Answer = context =>
        {
            query = context.Request.QueryString.Value;
            return context.Response.WriteAsJsonAsync(new { items = new[] { new { id = "a", name = "Kettle" }, new { id = "b", name = "Cup" } }, nextCursor = "next" });
        };
        _second.Answer = context => context.Response.WriteAsJsonAsync(new { items = new[] { new { productId = "a", available = 7 } } });
        await using var gateway = TestGateway.Start([("products", _first.Address), ("inventory", _second.Address)]);

        var storefront = await GetAsync(gateway, "/api/v1/storefront?search=tea%20cup&pageSize=2");

        Assert.Equal(
            """{"items":[{"id":"a","name":"Kettle","availability":{"available":7}},{"id":"b","name":"Cup","availability":{"available":0}}],"nextCursor":"next","unavailable":[]}""",
            storefront.ToJsonString());
        Assert.Equal("?search=tea%20cup&pageSize=2", query);
    }

    [Fact]
    public async Task Storefront_InventoryIsDown_ShowsTheProducts()
    {
        _first.Answer = context => context.Response.WriteAsJsonAsync(new { items = new[] { new { id = "a" } }, nextCursor = (string?)null });
        _second.Answer = Backend.Die;
        await using var gateway = TestGateway.Start([("products", _first.Address), ("inventory", _second.Address)]);

        var storefront = await GetAsync(gateway, "/api/v1/storefront");

        Assert.Equal("""{"items":[{"id":"a","availability":null}],"nextCursor":null,"unavailable":["availability"]}""", storefront.ToJsonString());
    }

    [Fact]
    public async Task Storefront_ProductsAreDown_IsUnavailable()
    {
        await using var gateway = TestGateway.Start([("inventory", _second.Address)]);

        using var response = await gateway.SendAsync(HttpMethod.Get, "/api/v1/storefront");

        await TestGateway.AssertProblemAsync(response, 503);
    }

    private TestGateway StartForDetails() =>
        TestGateway.Start([("orders", _first.Address), ("payments", _second.Address), ("shipping", _third.Address)]);

    private static async Task<JsonNode> GetAsync(TestGateway gateway, string path)
    {
        using var response = await gateway.SendAsync(HttpMethod.Get, path, User);
        var body = await response.Content.ReadAsStringAsync(Cancelled);
        Assert.True(response.StatusCode == HttpStatusCode.OK, body);
        return JsonNode.Parse(body)!;
    }
}
