using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using RabbitMQ.Client;
using Shop.Contracts;
using Shop.Tests.Architecture;
using Shop.Tests.Messaging;

namespace Shop.Tests.WholeSystem;

/// <summary>What Prometheus finds at each service, and the alerts that are made of it.</summary>
[Collection<SharedShop>]
public sealed partial class MetricsTests(RunningShop shop)
{
    private const string Gateway = "gateway";

    private static readonly string[] Services = ["users", "products", "orders", "inventory", "payments", "shipping", "notifications"];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Metrics_OfEveryService_HaveTheNamesThatUsersKnow()
    {
        foreach (var service in Services)
        {
            var metrics = await ReadAsync(service);
            foreach (var name in new[] { "http_requests_total{", "http_response_time_seconds_bucket{", "active_connections{", "messaging_outbox_due" })
                Assert.True(metrics.Contains($"\n{name}", StringComparison.Ordinal), $"{service} has no {name}");
        }
    }

    [Theory]
    [InlineData("http_server_request_duration_seconds_bucket", "gateway", "users", "products", "orders", "inventory", "payments", "shipping", "notifications")]
    [InlineData("http_client_request_duration_seconds_bucket", "gateway", "orders")]
    [InlineData("resilience_polly_strategy_attempt_duration_milliseconds_bucket", "gateway", "orders")]
    [InlineData("db_client_operation_duration_seconds_bucket", "users", "products", "orders", "inventory", "payments", "shipping", "notifications")]
    [InlineData("messaging_masstransit_receive_ea_total", "orders", "inventory", "payments", "shipping", "notifications")]
    [InlineData("dotnet_gc_collections_total", "gateway", "users", "products", "orders", "inventory", "payments", "shipping", "notifications")]
    [InlineData("aspnetcore_rate_limiting_requests_total", "gateway")]
    [InlineData("gateway_circuit_open", "gateway")]
    public async Task Metrics_OfLibrariesAndGateway_AreExported(string name, params string[] services)
    {
        foreach (var service in services)
            await Eventually.IsTrue(async () => (await ReadAsync(service)).Contains($"\n{name}{{", StringComparison.Ordinal), $"{service} has {name}");
    }

    [Fact]
    public async Task Metrics_OfAMessageThatComesTwice_CountIt()
    {
        const string Queue = "erase-payment-method";
        var broker = new ConnectionFactory { Uri = new Uri((await shop.App.GetConnectionStringAsync("messaging", Cancelled))!) };
        await using var connection = await broker.CreateConnectionAsync(Cancelled);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: Cancelled);
        var message = JsonSerializer.SerializeToUtf8Bytes(new
        {
            messageId = Guid.CreateVersion7(),
            messageType = new[] { $"urn:message:{typeof(OrderAddressErased).Namespace}:{nameof(OrderAddressErased)}" },
            message = new { orderId = Guid.CreateVersion7() },
        });

        foreach (var body in new[] { message, message })
            await channel.BasicPublishAsync(Queue, "", mandatory: true, new BasicProperties { ContentType = "application/vnd.masstransit+json" }, body, Cancelled);

        await Eventually.IsTrue(async () => (await ReadAsync("payments")).Contains("\nmessaging_inbox_duplicates_total{", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Metrics_OfAnOrder_CountItsWay()
    {
        var userId = await shop.Client.CreateUserAsync();
        await shop.Client.PlaceOrderAsync(ShopClient.OrderFor(userId, ShopClient.SeededProduct(52), 1));

        Assert.Contains("shop_payments_outcomes_total{", await ReadAsync("payments"), StringComparison.Ordinal);
        // Two replicas share the orders.
        await Eventually.IsTrue(async () => (await ReadAsync("orders")).Contains("shop_orders_ended_total{", StringComparison.Ordinal));
        await Eventually.IsTrue(async () => (await ReadAsync("orders")).Contains("shop_saga_state_duration_seconds_bucket{", StringComparison.Ordinal));
        await Eventually.IsTrue(async () => (await ReadAsync("inventory")).Contains("shop_stock_reservations_total{", StringComparison.Ordinal));
    }

    [Fact]
    public async Task AlertRules_NameOnlyMetrics_ThatSomebodyExports()
    {
        var rules = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs/alerts/shop.rules.yml"), Cancelled);
        var names = MetricName().Matches(string.Join(' ', rules.Split('\n').Where(line => !line.TrimStart().StartsWith('#')))).Select(match => match.Value).Distinct().ToArray();
        Assert.True(names.Length >= 5, string.Join(", ", names));
        await shop.Client.GetAsync("/api/v1/products");

        foreach (var name in names)
        {
            await Eventually.IsTrue(async () =>
            {
                var all = await Task.WhenAll(Services.Append(Gateway).Select(ReadAsync));
                return all.Any(metrics => metrics.Contains($"\n{name}{{", StringComparison.Ordinal) || metrics.Contains($"\n{name} ", StringComparison.Ordinal));
            }, name);
        }
    }

    [Fact]
    public async Task Gateway_ShowsStrangers_NoMetricsAndNoDetailsOfHealth()
    {
        using var metrics = await shop.Client.SendAsync(null, HttpMethod.Get, "/metrics");
        using var health = await shop.Client.SendAsync(null, HttpMethod.Get, "/health");

        Assert.Equal(System.Net.HttpStatusCode.Unauthorized, metrics.StatusCode);
        Assert.Equal("""{"status":"Healthy"}""", await health.Content.ReadAsStringAsync(Cancelled));
        Assert.NotNull((await shop.Client.GetAsync("/health"))["dependencies"]);
    }

    [Fact]
    public async Task AlertRules_Tested_FireWhenTheyShould()
    {
        var promtool = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Select(directory => Path.Combine(directory, "promtool"))
            .FirstOrDefault(File.Exists);
        Assert.SkipWhen(promtool is null, "promtool is not on this machine; it comes with Debian's package prometheus.");

        using var test = Process.Start(new ProcessStartInfo(promtool!, ["test", "rules", "shop.rules.test.yml"])
        {
            WorkingDirectory = Path.Combine(Repository.Root, "docs/alerts"),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = await test.StandardOutput.ReadToEndAsync(Cancelled) + await test.StandardError.ReadToEndAsync(Cancelled);
        await test.WaitForExitAsync(Cancelled);
        Assert.True(test.ExitCode == 0, output);
    }

    private async Task<string> ReadAsync(string service)
    {
        if (service == Gateway)
            return await shop.Client.Http.GetStringAsync("/metrics", Cancelled);
        using var http = new HttpClient { BaseAddress = shop.App.GetEndpoint(service, "http") };
        return await http.GetStringAsync("/metrics", Cancelled);
    }

    [GeneratedRegex(@"\b(?:shop|messaging|http|gateway)_[a-z_]+\b")]
    private static partial Regex MetricName();
}
