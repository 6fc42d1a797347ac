using System.Diagnostics;
using System.Text.RegularExpressions;
using Shop.Tests.Architecture;
using Shop.Tests.Messaging;

namespace Shop.Tests.WholeSystem;

/// <summary>What Prometheus finds at each service, and the alerts that are made of it.</summary>
[Collection<SharedShop>]
public sealed partial class MetricsTests(RunningShop shop)
{
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
                var all = await Task.WhenAll(Services.Select(ReadAsync).Append(ReadGatewayAsync()));
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
        using var http = new HttpClient { BaseAddress = shop.App.GetEndpoint(service, "http") };
        return await http.GetStringAsync("/metrics", Cancelled);
    }

    private Task<string> ReadGatewayAsync() => shop.Client.Http.GetStringAsync("/metrics", Cancelled);

    [GeneratedRegex(@"\b(?:shop|messaging|http|gateway)_[a-z_]+\b")]
    private static partial Regex MetricName();
}
