using System.Net;
using System.Net.Http.Json;
using System.Text;

namespace Shop.Tests.WholeSystem;

/// <summary>What the gateway makes of the services behind it.</summary>
[Collection<SharedShop>]
public sealed class GatewayTests(RunningShop shop)
{
    private readonly ShopClient _client = shop.Client;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task CreateUser_Version1_AnswersInVersion1sWords()
    {
        var email = "";

        var response = await ShopClient.RepeatAsync(() =>
            _client.Http.PostAsJsonAsync("/api/v1/users", new { email = email = $"{Guid.NewGuid():N}@example.com", name = "Bo Fry", password = "long enough" }, Cancelled));

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        var user = await ShopClient.ReadAsync(response);
        Assert.Equal(["userId", "fullName", "emailAddress", "phone", "createdAt"], user.AsObject().Select(property => property.Key));
        Assert.Equal((email, "Bo Fry"), (user["emailAddress"]!.GetValue<string>(), user["fullName"]!.GetValue<string>()));
        Assert.Equal($"/api/v1/users/{user["userId"]}", response.Headers.Location?.ToString());
        Assert.Equal(user.ToJsonString(), (await _client.GetAsync(response.Headers.Location!.ToString())).ToJsonString());
    }

    [Fact]
    public async Task User_SentInVersion1sWords_IsUnderstood()
    {
        var another = $"{Guid.NewGuid():N}@example.com";
        var created = await ShopClient.RepeatAsync(() => _client.Http.PostAsJsonAsync(
            "/api/v1/users", new { emailAddress = $"{Guid.NewGuid():N}@example.com", fullName = "Bo Fry", password = "long enough" }, Cancelled));
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);

        var changed = await ChangeAsync(another);
        var refused = await ChangeAsync("nonsense");

        var user = await ShopClient.ReadAsync(changed);
        Assert.Equal((another, "Bo Ray"), (user["emailAddress"]!.GetValue<string>(), user["fullName"]!.GetValue<string>()));
        Assert.Equal(["emailAddress"], (await ShopClient.ReadAsync(refused))["errors"]!.AsObject().Select(error => error.Key));

        Task<HttpResponseMessage> ChangeAsync(string emailAddress) =>
            ShopClient.RepeatAsync(() => _client.Http.PutAsJsonAsync(created.Headers.Location, new { emailAddress, fullName = "Bo Ray" }, Cancelled));
    }

    [Fact]
    public async Task CreateUser_Version2_AnswersInTheServicesOwnShape()
    {
        var user = await _client.GetAsync($"/api/v2/users/{await _client.CreateUserAsync()}");

        Assert.Equal(["id", "name", "email", "phone", "roles", "createdAt"], user.AsObject().Select(property => property.Key));
    }

    [Fact]
    public async Task CreateUser_EmailTakenInAnotherCase_IsAConflict()
    {
        var name = Guid.NewGuid().ToString("N");
        await CreateAsync($"{name}@example.com");

        var response = await CreateAsync($"{name.ToUpperInvariant()}@Example.com");

        Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);

        Task<HttpResponseMessage> CreateAsync(string email) =>
            ShopClient.RepeatAsync(() => _client.Http.PostAsJsonAsync("/api/v1/users", new { email, name, password = "long enough" }, Cancelled));
    }

    [Fact]
    public async Task Gateway_UnknownPath_AnswersWithAProblem()
    {
        var response = await _client.Http.GetAsync("/api/v1/nothing-here", Cancelled);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Products_PageByPage_ListsEachOfTheCatalogueOnce()
    {
        var ids = new List<Guid>();
        var next = "";
        do
        {
            var page = await _client.GetAsync($"/api/v1/products?pageSize=50{next}");
            ids.AddRange(page["items"]!.AsArray().Select(product => product!["id"]!.GetValue<Guid>()));
            next = page["nextCursor"] is { } cursor ? $"&cursor={cursor}" : null;
        }
        while (next is not null);

        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.True(ids.Count >= 100, $"The catalogue has {ids.Count} products.");
    }

    [Theory]
    [InlineData("pageSize=0", "pageSize")]
    [InlineData("pageSize=101", "pageSize")]
    [InlineData("pageSize=many", "pageSize")]
    [InlineData("cursor=nonsense", "cursor")]
    public async Task Products_BadPage_NamesTheParameter(string query, string parameter)
    {
        var response = await _client.Http.GetAsync($"/api/v1/products?{query}", Cancelled);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal([parameter], (await ShopClient.ReadAsync(response))["errors"]!.AsObject().Select(error => error.Key));
    }

    [Fact]
    public async Task Stock_OfWhatIsNoId_NamesTheParameter()
    {
        var response = await _client.Http.GetAsync("/api/v1/inventory?productId=kettle", Cancelled);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(["productId"], (await ShopClient.ReadAsync(response))["errors"]!.AsObject().Select(error => error.Key));
    }

    [Theory]
    [InlineData("DELETE", "/api/v1/orders", "application/json", HttpStatusCode.MethodNotAllowed)]
    [InlineData("POST", "/api/v2/users", "text/plain", HttpStatusCode.UnsupportedMediaType)]
    public async Task Request_OfAnotherMethodOrMediaType_IsRefusedWithAProblem(string method, string path, string type, HttpStatusCode status)
    {
        using var content = new StringContent("{}", Encoding.UTF8, type);
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = content };

        using var response = await _client.Http.SendAsync(request, Cancelled);

        var problem = await ShopClient.ReadAsync(response);
        Assert.Equal((status, (int)status), (response.StatusCode, problem["status"]!.GetValue<int>()));
        Assert.NotEmpty(problem["detail"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("post /api/v1/users", "409 415 502 503 504")]
    [InlineData("delete /api/v1/users/{id}", "401 404 409")]
    [InlineData("put /api/v2/products/{id}", "401 403 404 412 413 415 428", "If-Match")]
    [InlineData("get /api/v1/products/{id}", "304 404 406", "If-None-Match")]
    [InlineData("post /api/v2/orders", "400 401 403 409 429", "Idempotency-Key")]
    [InlineData("post /api/v1/orders/{id}/cancellation", "404 409")]
    [InlineData("get /api/v1/orders/{id}/events", "204 400 404", "Last-Event-ID")]
    [InlineData("put /api/v1/inventory/{productId}", "404 409")]
    [InlineData("put /api/v1/shipments/{id}", "404 409")]
    [InlineData("post /api/v1/payments/webhooks", "204 400 401")]
    public async Task OpenApi_DescribesStatusesAndHeaders(string operation, string statuses, string? header = null)
    {
        var (method, path) = (operation.Split(' ')[0], operation.Split(' ')[1]);
        var described = (await _client.GetDescriptionAsync(path.Split('/')[2]))["paths"]![path]![method]!;

        Assert.Subset(described["responses"]!.AsObject().Select(response => response.Key).ToHashSet(), statuses.Split(' ').ToHashSet());
        if (header is not null)
            Assert.Equal(["header"], described["parameters"]!.AsArray().Where(p => p!["name"]!.GetValue<string>() == header).Select(p => p!["in"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Https_WithACertificate_IsSpokenAndStays()
    {
        using var http = new HttpClient(new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, certificate, _, _) => certificate?.Subject == "CN=shop.test" });

        using var secure = await http.GetAsync(new Uri(shop.App.GetEndpoint("gateway", "https"), "/api/v1/products"), Cancelled);
        using var plain = await _client.Http.GetAsync("/api/v1/products", Cancelled);

        Assert.Equal(HttpStatusCode.OK, secure.StatusCode);
        Assert.Equal("max-age=31536000; includeSubDomains", secure.Headers.GetValues("Strict-Transport-Security").Single());
        Assert.False(plain.Headers.Contains("Strict-Transport-Security"));
    }

    [Fact]
    public async Task Storefront_ShowsTheCatalogueWithWhatIsAvailable()
    {
        await _client.SetStockAsync(ShopClient.SeededProduct(95), 123);

        var storefront = await _client.GetWholeAsync("/api/v1/storefront?pageSize=100");

        Assert.Equal(100, storefront["items"]!.AsArray().Count);
        Assert.All(storefront["items"]!.AsArray(), product => Assert.NotNull(product!["availability"]!["available"]));
        Assert.Contains(storefront["items"]!.AsArray(), product => product!["availability"]!["available"]!.GetValue<int>() == 123);
    }

    [Fact]
    public async Task Storefront_BadPage_NamesTheParameter()
    {
        using var response = await _client.Http.GetAsync("/api/v1/storefront?pageSize=0", Cancelled);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(["pageSize"], (await ShopClient.ReadAsync(response))["errors"]!.AsObject().Select(error => error.Key));
    }

    [Fact]
    public async Task OrderDetails_OrderPaymentAndShipmentInOneAnswer()
    {
        var order = await _client.PlaceOrderAsync(ShopClient.OrderFor(await _client.CreateUserAsync(), ShopClient.SeededProduct(96), 1));

        var details = await _client.GetWholeAsync($"/api/v1/orders/{order["id"]}/details");

        Assert.Equal(order["id"]!.GetValue<string>(), details["order"]!["id"]!.GetValue<string>());
        Assert.Equal("Captured", details["payment"]!["status"]!.GetValue<string>());
        Assert.Equal("Created", details["shipment"]!["status"]!.GetValue<string>());
    }

    [Fact]
    public async Task OpenApi_DescribesEveryRouteOfEveryService()
    {
        var described = await _client.GetRoutesAsync();

        Assert.Empty((await Identity.ServiceRoutes.FindAsync()).Except(described));
        Assert.Contains("GET /api/v1/users/{id}", described);
        Assert.Contains("GET /api/v1/storefront", described);
    }
}
