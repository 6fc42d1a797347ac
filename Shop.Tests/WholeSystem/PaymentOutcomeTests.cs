using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Shop.Payments;

namespace Shop.Tests.WholeSystem;

/// <summary>Payments whose outcome is not known at once, through the gateway: nobody is charged twice, and no order waits for ever.</summary>
[Collection<SharedShop>]
public sealed class PaymentOutcomeTests(RunningShop shop)
{
    private readonly ShopClient _client = shop.Client;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Order_ProviderFailsTwice_IsConfirmed()
    {
        var order = await PlaceAsync("tok_flaky");

        Assert.Equal(("Confirmed", Total(order), 0m), await StatusAndLedgerAsync(order));
    }

    [Fact]
    public async Task Order_ProviderReportsByWebhook_IsConfirmed()
    {
        var order = await PlaceAsync("tok_webhook_later");

        Assert.Equal(("Confirmed", Total(order), 0m), await StatusAndLedgerAsync(order));
        await using var database = new NpgsqlConnection(await shop.App.GetConnectionStringAsync("paymentsdb", Cancelled));
        await database.OpenAsync(Cancelled);
        await using var open = new NpgsqlCommand("SELECT count(*) FROM provider_charges WHERE webhook_due_at IS NOT NULL", database);
        await Messaging.Eventually.IsTrue(async () => (long)(await open.ExecuteScalarAsync(Cancelled))! == 0);
    }

    [Fact]
    public async Task Order_ProviderNeverAnswers_IsConfirmedWhereItCapturedAndOtherwiseCancelled()
    {
        // Half of them each: seldom all alike.
        var orders = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => PlaceAsync("tok_timeout")));

        foreach (var order in orders)
        {
            var (status, captured, refunded) = await StatusAndLedgerAsync(order);
            Assert.Equal(status == "Confirmed" ? Total(order) : 0, captured - refunded);
            if (status == "Cancelled")
                Assert.Equal("PaymentDeclined", order["cancellation"]!["reason"]!.GetValue<string>());
        }
    }

    [Fact]
    public async Task Webhook_Unsigned_Is401() => Assert.Equal(HttpStatusCode.Unauthorized, await SendWebhookAsync("{}", signature: null));

    [Fact]
    public async Task Webhook_WithAWrongSignature_Is401() =>
        Assert.Equal(HttpStatusCode.Unauthorized, await SendWebhookAsync("{}", $"t={DateTimeOffset.UtcNow.ToUnixTimeSeconds()},v1={new string('a', 64)}"));

    [Fact]
    public async Task Webhook_Signed_IsTakenAsOftenAsItComes_AndNotWhereTimeOrBodyAreOthers()
    {
        var order = await PlaceAsync("tok_visa");
        var (body, now) = ($$"""{"key": "{{order["id"]}}", "status": "Captured", "captured": 1, "currency": "EUR"}""", DateTimeOffset.UtcNow);

        Assert.Equal(HttpStatusCode.NoContent, await SendWebhookAsync(body, Sign(body, now)));
        Assert.Equal(HttpStatusCode.NoContent, await SendWebhookAsync(body, Sign(body, now)));
        Assert.Equal(HttpStatusCode.Unauthorized, await SendWebhookAsync(body, Sign(body, now.AddSeconds(-310))));
        Assert.Equal(HttpStatusCode.Unauthorized, await SendWebhookAsync("{}", Sign(body, now)));
        Assert.Equal(HttpStatusCode.BadRequest, await SendWebhookAsync("{}", Sign("{}", now)));
        Assert.Equal(("Confirmed", Total(order), 0m), await StatusAndLedgerAsync(order));

        static string Sign(string body, DateTimeOffset at) => WebhookSignature.Sign(RunningShop.WebhookSecret, at, Encoding.UTF8.GetBytes(body));
    }

    private async Task<HttpStatusCode> SendWebhookAsync(string body, string? signature)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/payments/webhooks")
        {
            Headers = { Authorization = AdminSignIn.Nobody },
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        if (signature is not null)
            request.Headers.Add(WebhookSignature.Header, signature);
        using var response = await _client.Http.SendAsync(request, Cancelled);
        Assert.Equal(response.IsSuccessStatusCode ? null : "application/problem+json", response.Content.Headers.ContentType?.MediaType);
        return response.StatusCode;
    }

    private async Task<JsonNode> PlaceAsync(string paymentMethod)
    {
        var userId = await _client.CreateUserAsync();
        return await _client.PlaceOrderAsync(ShopClient.OrderFor(userId, ShopClient.SeededProduct(40), 1, paymentMethod));
    }

    private static decimal Total(JsonNode order) => order["total"]!.GetValue<decimal>();

    /// <summary>The order's status, and what the provider has captured and refunded for it.</summary>
    private async Task<(string Status, decimal Captured, decimal Refunded)> StatusAndLedgerAsync(JsonNode order)
    {
        await using var database = new NpgsqlConnection(await shop.App.GetConnectionStringAsync("paymentsdb", Cancelled));
        await database.OpenAsync(Cancelled);
        await using var ledger = new NpgsqlCommand("SELECT captured, refunded FROM provider_charges WHERE key = $1", database)
        {
            Parameters = { new() { Value = order["id"]!.GetValue<Guid>() } },
        };
        await using var row = await ledger.ExecuteReaderAsync(Cancelled);
        Assert.True(await row.ReadAsync(Cancelled), "the provider knows of no charge");
        return (order["status"]!.GetValue<string>(), row.GetDecimal(0), row.GetDecimal(1));
    }
}
