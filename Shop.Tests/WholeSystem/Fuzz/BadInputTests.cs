using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Shop.Contracts;
using Shop.Inventory;
using Shop.Orders;
using Shop.Products;
using Shop.Shipping;
using Shop.Users;

namespace Shop.Tests.WholeSystem.Fuzz;

/// <summary>Thousands of malformed requests through the gateway: each is refused in good order, and none leaves anything behind.</summary>
[Collection<SharedShop>]
public sealed partial class BadInputTests(RunningShop shop) : IDisposable
{
    /// <summary>Set it to see the requests of a run again.</summary>
    private const string SeedVariable = "SHOP_FUZZ_SEED";

    /// <summary>One that has found something; others by the variable. The same every time, so that a change that fails is the change's doing.</summary>
    private const int Seed = 1_656_443_908;

    private static readonly string[] FarEnough = ["POST users", "PUT users", "POST orders", "POST products", "PUT inventory", "PUT shipments"];

    private const int Harmless = 8_000;
    private const int Others = 2_000;
    private const int AtOnce = 8;

    /// <summary>As many are sent, however slow the machine.</summary>
    private const int Fewest = 300;

    /// <summary>More than the fewest are sent until then; the first part of them earlier.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8 });
    private readonly SortedSet<string> _faults = new(StringComparer.Ordinal);
    private readonly ConcurrentBag<string> _accepted = [];
    private int _sent;
    private int _closed;
    private int _unavailable;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task MalformedRequests_Thousands_AreRefusedInGoodOrderAndLeaveNothing()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable(SeedVariable), CultureInfo.InvariantCulture, out var given) ? given : Seed;
        TestContext.Current.TestOutputHelper!.WriteLine($"{SeedVariable}={seed}");
        var (customer, admin) = (await shop.Client.CreateUserAsync(), await shop.Client.CreateUserAsync());
        await SetRolesAsync(admin, "customer", "admin");
        var started = Guid.CreateVersion7();
        var product = await CreateProductAsync();
        var order = await shop.Client.PlaceOrderAsync(ShopClient.OrderFor(customer, product, 1));
        var shipment = await shop.Client.GetAsync($"/api/v1/orders/{order["id"]}/shipment");
        var ids = new Dictionary<string, Guid>
        {
            ["users"] = customer, ["products"] = product, ["inventory"] = product, ["orders"] = (Guid)order["id"]!, ["shipments"] = (Guid)shipment["id"]!,
        };
        var requests = new MalformedRequests(seed, ids, await shop.Client.GetDescriptionAsync("v1"), await shop.Client.GetDescriptionAsync("v2"));
        string?[] tokens = [null, "nonsense", await shop.Client.GetTokenAsync(customer), await shop.Client.GetTokenAsync(admin)];
        var start = Stopwatch.GetTimestamp();
        var stored = await CountAsync();

        await SendAsync(Harmless, () => requests.Next(harmlessOnly: true), tokens, () => Stopwatch.GetElapsedTime(start) < Limit * 2 / 3 || _sent < Fewest);

        Assert.Equal(stored, await CountAsync());
        // What they are made from is accepted: so they come far enough to find something.
        for (var patience = DateTimeOffset.UtcNow + Messaging.Eventually.Patience; FarEnough.Except(_accepted).Any() && DateTimeOffset.UtcNow < patience;)
        {
            foreach (var request in requests.Unspoilt())
                await SendAsync(request, tokens[^1]);
        }
        Assert.Equal([], FarEnough.Except(_accepted));
        // Some of these are accepted: nothing is wrong with them, or nothing that matters.
        await SendAsync(Others, () => requests.Next(harmlessOnly: false), tokens, () => Stopwatch.GetElapsedTime(start) < Limit);
        TestContext.Current.TestOutputHelper.WriteLine($"{_sent} requests in {Stopwatch.GetElapsedTime(start).TotalSeconds:0} s");
        await SetRolesAsync(admin, "customer");
        await SetRolesAsync(customer, "customer");
        await DeleteProductsAsync(started);
        Assert.True(_faults.Count == 0, $"{SeedVariable}={seed}: {_faults.Count} faults\n{string.Join('\n', _faults.Take(40))}");
        Assert.InRange(_sent, Fewest, int.MaxValue);
        Assert.InRange(_closed, 0, _sent / 10);
        Assert.InRange(_unavailable, 0, _sent / 5);
    }

    private Task SendAsync(int count, Func<MalformedRequest> next, string?[] tokens, Func<bool> isInTime)
    {
        var sent = 0;
        return Task.WhenAll(Enumerable.Range(0, AtOnce).Select(async _ =>
        {
            while (isInTime())
            {
                MalformedRequest request;
                string? token;
                lock (_faults)
                {
                    if (sent++ >= count)
                        return;
                    request = next();
                    token = tokens[_sent++ % tokens.Length];
                }

                await SendAsync(request, token);
            }
        }));
    }

    private async Task SendAsync(MalformedRequest request, string? token)
    {
        using var message = request.Message;
        if (token is not null)
            message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        message.RequestUri = new Uri(
            shop.Client.Http.BaseAddress!.GetLeftPart(UriPartial.Authority) + message.RequestUri!.PathAndQuery,
            new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        if (await FindFaultAsync(request) is { } fault)
        {
            lock (_faults)
                _faults.Add($"{fault}: {request.Description}");
        }
    }

    private async Task<string?> FindFaultAsync(MalformedRequest request)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        try
        {
            using var response = await _http.SendAsync(request.Message, HttpCompletionOption.ResponseHeadersRead, patience.Token);
            var status = (int)response.StatusCode;
            if (response.Content.Headers.ContentType?.MediaType == "text/event-stream")
                return null;
            var body = await response.Content.ReadAsStringAsync(patience.Token);
            if (Leak().Match(body) is { Success: true } leak)
                return $"{status} shows '{leak.Value}'";
            if (IsUnavailable(response) && IsProblem(request.Message, response, body))
            {
                Interlocked.Increment(ref _unavailable);
                return null;
            }
            if (status >= 500)
                return $"{status} {body}";
            if (status < 400)
                return Accept(request);
            if (!IsProblem(request.Message, response, body))
                return $"{status} as {response.Content.Headers.ContentType} '{body[..Math.Min(80, body.Length)]}'";
            return body.Length == 0 || request.Operation is null || request.Operation["responses"]![$"{status}"] is not null ? null : $"{status} is not described";
        }
        catch (HttpRequestException)
        {
            // What is too large is not read to its end: the connection may be closed before the answer is seen.
            Interlocked.Increment(ref _closed);
            return null;
        }
        catch (OperationCanceledException) when (!Cancelled.IsCancellationRequested)
        {
            return "no answer";
        }
    }

    /// <summary>Slow is no fault, where the client is told so.</summary>
    private static bool IsUnavailable(HttpResponseMessage response) =>
        response.StatusCode is HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout
        || (response.StatusCode == HttpStatusCode.ServiceUnavailable && response.Headers.RetryAfter is not null);

    private string? Accept(MalformedRequest request)
    {
        if (request.Operation is not null && request.Message.RequestUri!.AbsolutePath.Split('/') is [_, "api", _, var resource, ..])
            _accepted.Add($"{request.Message.Method} {resource}");
        return request.IsHopeless ? "is accepted" : null;
    }

    /// <summary>What Kestrel refuses before routing has no body, and HEAD never has.</summary>
    private static bool IsProblem(HttpRequestMessage request, HttpResponseMessage response, string body) =>
        (response.Content.Headers.ContentType?.MediaType == "application/problem+json" && body.Contains("\"detail\":", StringComparison.Ordinal))
        || (response.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.RequestUriTooLong or HttpStatusCode.RequestHeaderFieldsTooLarge
            && response.Content.Headers.ContentLength == 0)
        || request.Method == HttpMethod.Head;

    /// <summary>Whatever changes where a request is accepted. Orders of other tests may still be on their way: what they change is not looked at.</summary>
    private async Task<string> CountAsync()
    {
        await using var users = await OpenAsync<UsersDbContext>("usersdb");
        await using var products = await OpenAsync<ProductsDbContext>("productsdb");
        await using var orders = await OpenAsync<OrdersDbContext>("ordersdb");
        await using var inventory = await OpenAsync<InventoryDbContext>("inventorydb");
        await using var shipping = await OpenAsync<ShippingDbContext>("shippingdb");
        return string.Join(", ", (string[])
        [
            $"{await users.Users.CountAsync(Cancelled)} users and {await users.UserChanges.CountAsync(Cancelled)} changes of them",
            $"{await products.Products.IgnoreQueryFilters().SumAsync(product => product.Revision, Cancelled)} changes of products",
            $"{await products.Categories.CountAsync(Cancelled)} categories",
            $"{await orders.Orders.CountAsync(Cancelled)} orders, {await orders.IdempotencyRecords.CountAsync(Cancelled)} answers",
            $"{await orders.MessageRedeliveries.CountAsync(Cancelled)} redeliveries",
            $"{await inventory.Stock.CountAsync(Cancelled)} products in stock, {await inventory.Adjustments.CountAsync(Cancelled)} counts of them",
            $"{await shipping.Shipments.CountAsync(shipment => shipment.Status == ShipmentStatus.Dispatched || shipment.Status == ShipmentStatus.Delivered, Cancelled)} parcels on their way",
        ]);
    }

    private async Task SetRolesAsync(Guid user, params string[] roles)
    {
        using var response = await ShopClient.RepeatAsync(() => shop.Client.Http.PutAsJsonAsync($"/api/v1/users/{user}/roles", new { roles }, Cancelled));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    /// <summary>One that no other test orders.</summary>
    private async Task<Guid> CreateProductAsync()
    {
        using var response = await ShopClient.RepeatAsync(() => shop.Client.Http.PostAsJsonAsync(
            "/api/v1/products", new { name = "Lamp", description = "A light", price = 1, currency = "EUR", category = "Lights" }, Cancelled));
        var id = (await ShopClient.ReadAsync(response))["id"]!.GetValue<Guid>();
        await shop.Client.SetStockAsync(id, 1000);
        return id;
    }

    /// <summary>Other tests look at the newest products.</summary>
    private async Task DeleteProductsAsync(Guid since)
    {
        await using var products = await OpenAsync<ProductsDbContext>("productsdb");
        await products.Products.Where(product => product.Id > since).ExecuteUpdateAsync(product => product.SetProperty(p => p.DeletedAt, DateTimeOffset.UtcNow), Cancelled);
    }

    private async Task<TContext> OpenAsync<TContext>(string name)
        where TContext : DbContext =>
        new TestDatabase<TContext>((await shop.App.GetConnectionStringAsync(name, Cancelled))!).Open();

    [GeneratedRegex(@"   at |Exception|Npgsql|Microsoft\.|System\.|\.cs:line|Shop\.[A-Z]|MassTransit|127\.0\.0\.1|localhost|SELECT |stack", RegexOptions.CultureInvariant)]
    private static partial Regex Leak();
}
