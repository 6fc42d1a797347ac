using System.Net.Http.Headers;
using System.Net.Mime;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using OpenTelemetry;

namespace Shop.Payments.Provider;

/// <summary>
/// The part of the simulated provider that ends slow charges and tells the shop of them, signed, through its public address; again and
/// again until the shop answers with a success.
/// </summary>
internal sealed partial class SimulatedProviderWebhooks(
    IServiceScopeFactory scopes,
    IHttpClientFactory clients,
    IOptions<PaymentProviderOptions> options,
    TimeProvider clock,
    ILogger<SimulatedProviderWebhooks> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // A stranger: nothing of what it does is in our traces.
        using var untraced = SuppressInstrumentationScope.Begin();
        using var timer = new PeriodicTimer(Interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await Task.WhenAll((await TakeDueAsync(stoppingToken)).Select(charge => SendAsync(charge, stoppingToken)));
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                LogPostponed(failure);
            }
        }
    }

    /// <summary>Ends what has been processed long enough, and leases what is to be told: until then no other replica sends it.</summary>
    private async Task<List<ProviderCharge>> TakeDueAsync(CancellationToken cancellationToken)
    {
        var (processing, captured, now) = (nameof(ChargeStatus.Processing), nameof(ChargeStatus.Captured), clock.GetDatabaseNow());
        await using var scope = scopes.CreateAsyncScope();
        var ledger = scope.ServiceProvider.GetRequiredService<PaymentsDbContext>();
        return await ledger.ProviderCharges
            .FromSql(
                $"""
                 UPDATE provider_charges AS charge
                 SET status = CASE WHEN charge.status = {processing} THEN {captured} ELSE charge.status END,
                     captured = CASE WHEN charge.status = {processing} THEN charge.amount ELSE charge.captured END,
                     webhook_attempts = charge.webhook_attempts + 1,
                     webhook_due_at = {now} + least(power(2, charge.webhook_attempts), 60) * interval '1 second'
                 FROM (SELECT key FROM provider_charges WHERE webhook_due_at <= {now} LIMIT 50 FOR UPDATE SKIP LOCKED) AS due
                 WHERE charge.key = due.key
                 RETURNING charge.*
                 """)
            .AsNoTracking()
            .ToListAsync(cancellationToken);
    }

    private async Task SendAsync(ProviderCharge charge, CancellationToken cancellationToken)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(
            new PaymentWebhook(charge.Key, charge.Status.ToString(), charge.Captured, charge.Currency), JsonSerializerOptions.Web);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(options.Value.ShopUrl!, "/api/v1/payments/webhooks"))
        {
            Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue(MediaTypeNames.Application.Json) } },
        };
        request.Headers.Add(WebhookSignature.Header, WebhookSignature.Sign(options.Value.WebhookSecret, clock.GetUtcNow(), body));
        using var client = clients.CreateClient(nameof(SimulatedProviderWebhooks));
        try
        {
            using var response = await client.SendAsync(request, cancellationToken);
            response.EnsureSuccessStatusCode();
        }
        catch (HttpRequestException failure)
        {
            LogNotTaken(failure, charge.Key, charge.WebhookAttempts);
            return;
        }

        await using var scope = scopes.CreateAsyncScope();
        var ledger = scope.ServiceProvider.GetRequiredService<PaymentsDbContext>();
        await ledger.Database.ExecuteSqlAsync($"UPDATE provider_charges SET webhook_due_at = NULL WHERE key = {charge.Key}", cancellationToken);
    }

    [LoggerMessage(LogLevel.Information, "The shop has not taken the webhook of charge {Key} at attempt {Attempt}; it is sent again")]
    private partial void LogNotTaken(Exception failure, Guid key, int attempt);

    [LoggerMessage(LogLevel.Warning, "Webhooks wait: they could not be sent now")]
    private partial void LogPostponed(Exception failure);
}
