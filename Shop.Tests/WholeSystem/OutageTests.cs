using System.Net;
using System.Text.Json.Nodes;

namespace Shop.Tests.WholeSystem;

/// <summary>A shop of its own, so that parts of it can be away. Four services have never run when the first orders are placed.</summary>
public sealed class OutageShop : IAsyncLifetime
{
    private const string AdminPassword = "admin of the tests";
    private static readonly string[] Late = ["inventory", "payments", "shipping", "notifications"];
    private DistributedApplication? _app;
    private ShopClient? _client;

    public ShopClient Client => _client ?? throw new InvalidOperationException("The shop has not been started.");

    /// <summary>A customer of the shop.</summary>
    public Guid UserId { get; private set; }

    /// <summary>What was answered to orders that were placed before the late services had ever run.</summary>
    public IReadOnlyList<JsonNode> EarlyOrders { get; private set; } = [];

    private DistributedApplication App => _app ?? throw new InvalidOperationException("The shop has not been started.");

    public async ValueTask InitializeAsync()
    {
        using var patience = new CancellationTokenSource(PatientShop.Start);
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.Shop_AppHost>(
            [
                "--Data:Ephemeral=true", $"--Parameters:admin-password={AdminPassword}",
                "--RateLimits:RequestsPerSecond=1000000", "--RateLimits:OrdersPerMinute=1000000", "--RateLimits:SignInsPerMinute=1000000",
                .. PatientShop.Settings,
            ],
            patience.Token);
        foreach (var project in builder.Resources.OfType<ProjectResource>().Where(project => Late.Contains(project.Name)).ToArray())
            builder.CreateResourceBuilder(project).WithExplicitStart();
        var gateway = builder.Resources.OfType<ProjectResource>().Single(resource => resource.Name == "gateway");
        foreach (var wait in gateway.Annotations.OfType<WaitAnnotation>().Where(wait => Late.Contains(wait.Resource.Name)).ToArray())
            gateway.Annotations.Remove(wait);
        _app = await builder.BuildAsync(patience.Token);
        await _app.StartAsync(patience.Token);
        await _app.ResourceNotifications.WaitForResourceHealthyAsync("gateway", patience.Token);
        _client = new ShopClient(_app.GetEndpoint("gateway"), AdminPassword);

        UserId = await Client.CreateUserAsync();
        EarlyOrders = await Task.WhenAll(Enumerable.Range(1, 10).Select(number => SubmitAsync(number, Guid.NewGuid().ToString())));
        await Task.WhenAll(Late.Select(StartAsync));
    }

    public JsonObject OrderOf(int product) => ShopClient.OrderFor(UserId, ShopClient.SeededProduct(product), 1);

    public Task<HttpResponseMessage> PostAsync(int product, string key) => Client.PostOrderAsync(OrderOf(product), key);

    /// <summary>Places an order as clients should: again with the same key where the shop says that it cannot just now.</summary>
    public async Task<JsonNode> SubmitAsync(int product, string key)
    {
        using var response = await Client.SubmitOrderAsync(OrderOf(product), key);
        var accepted = await ShopClient.ReadAsync(response);
        Assert.True(response.StatusCode == HttpStatusCode.Created, accepted.ToJsonString());
        return accepted;
    }

    public async Task StopAsync(string name)
    {
        await CommandAsync(name, KnownResourceCommands.StopCommand);
        await App.ResourceNotifications.WaitForResourceAsync(
            name, e => KnownResourceStates.TerminalStates.Contains(e.Snapshot.State?.Text), TestContext.Current.CancellationToken);
    }

    public async Task StartAsync(string name)
    {
        await CommandAsync(name, KnownResourceCommands.StartCommand);
        await App.ResourceNotifications.WaitForResourceHealthyAsync(name, TestContext.Current.CancellationToken);
    }

    /// <summary>Waits until a service says so of itself, and of each of its dependencies.</summary>
    public async Task HealthAsync(string service, HttpStatusCode status, string word, string dependencies)
    {
        using var http = App.CreateHttpClient(service);
        var expected = $"{status} {word}: {dependencies}";
        var last = "";
        for (var patience = DateTimeOffset.UtcNow + Messaging.Eventually.Patience; last != expected; await Task.Delay(100, TestContext.Current.CancellationToken))
        {
            Assert.True(DateTimeOffset.UtcNow < patience, last);
            using var response = await http.GetAsync(new Uri("/health", UriKind.Relative), TestContext.Current.CancellationToken);
            var health = await ShopClient.ReadAsync(response);
            var each = health["dependencies"]!.AsObject().OrderBy(dependency => dependency.Key, StringComparer.Ordinal);
            Assert.All(each, dependency => Assert.True(dependency.Value!["milliseconds"]!.GetValue<double>() >= 0));
            last = $"{response.StatusCode} {health["status"]}: {string.Join(", ", each.Select(dependency => $"{dependency.Key} {dependency.Value!["status"]}"))}";
        }
    }

    /// <summary>What a service answers to who asks only whether it is there.</summary>
    public async Task<HttpStatusCode> AliveAsync(string service)
    {
        using var http = App.CreateHttpClient(service);
        using var response = await http.GetAsync(new Uri("/alive", UriKind.Relative), TestContext.Current.CancellationToken);
        return response.StatusCode;
    }

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        if (_app is not null)
            await _app.DisposeAsync();
    }

    private async Task CommandAsync(string name, string command)
    {
        // A resource that has never run has no replica to find by its name.
        var resource = await App.ResourceNotifications.WaitForResourceAsync(name, _ => true, TestContext.Current.CancellationToken);
        var result = await App.ResourceCommands.ExecuteCommandAsync(resource.ResourceId, command, TestContext.Current.CancellationToken);
        Assert.True(result.Success, $"{command} {name}");
    }
}

/// <summary>What is accepted while a part of the shop is away is done when it is back; what is not accepted leaves nothing behind.</summary>
public sealed class OutageTests(OutageShop shop) : IClassFixture<OutageShop>
{
    [Fact]
    public async Task Orders_PlacedBeforeTheOtherServicesEverRan_AreAllConfirmed()
    {
        Assert.Equal(10, shop.EarlyOrders.Count);
        foreach (var order in shop.EarlyOrders)
            await ConfirmedAsync(order);
    }

    [Fact]
    public async Task Order_BrokerIsAway_IsAcceptedAndConfirmedWhenItIsBack()
    {
        await shop.StopAsync("messaging");

        var accepted = await shop.SubmitAsync(20, Guid.NewGuid().ToString());

        // Orders are accepted, so it is well enough.
        await shop.HealthAsync("orders", HttpStatusCode.OK, "Degraded", "OrdersDbContext up, broker down");
        await shop.StartAsync("messaging");
        await ConfirmedAsync(accepted);
    }

    [Fact]
    public async Task Order_DatabaseIsAway_IsRefusedForNowAndNothingIsHalfDone()
    {
        var key = Guid.NewGuid().ToString();
        // The token is there before the database of Users is away.
        await shop.Client.GetTokenAsync(shop.UserId);
        var before = await CountOrdersAsync();
        await shop.StopAsync("postgres");

        var refused = await shop.PostAsync(21, key);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Equal("application/problem+json", refused.Content.Headers.ContentType?.MediaType);
        Assert.NotEmpty(refused.Headers.GetValues("Retry-After"));
        await shop.HealthAsync("orders", HttpStatusCode.ServiceUnavailable, "Unhealthy", "OrdersDbContext down, broker up");
        Assert.Equal(HttpStatusCode.OK, await shop.AliveAsync("orders"));
        await shop.StartAsync("postgres");
        await ConfirmedAsync(await shop.SubmitAsync(21, key));
        Assert.Equal(before + 1, await CountOrdersAsync());
    }

    private async Task<int> CountOrdersAsync()
    {
        var page = await shop.Client.GetAsync($"/api/v1/users/{shop.UserId}/orders?pageSize=100");
        return page["items"]!.AsArray().Count;
    }

    private Task<JsonNode> ConfirmedAsync(JsonNode order) =>
        shop.Client.EventuallyAsync($"/api/v1/orders/{order["id"]}", o => o["status"]!.GetValue<string>() == "Confirmed");
}
