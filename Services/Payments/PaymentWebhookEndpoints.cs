using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Shop.Payments.Provider;

namespace Shop.Payments;

/// <summary>What the provider reports of a charge.</summary>
/// <param name="Key">The idempotency key of the charge: the order.</param>
/// <param name="Status">How far the charge had come when this was sent; what holds is what the provider says when it is asked.</param>
/// <param name="Captured">What was taken, in units of <paramref name="Currency"/>.</param>
/// <param name="Currency">ISO 4217 code.</param>
public sealed record PaymentWebhook(Guid Key, string? Status, decimal Captured, string? Currency);

internal static class PaymentWebhookEndpoints
{
    public static void MapPaymentWebhooks(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapPost("/api/v1/payments/webhooks", ReceiveWebhook)
            .AllowAnyone()
            .WithTags("Payments")
            .Accepts<PaymentWebhook>("application/json")
            .ProducesProblem(StatusCodes.Status401Unauthorized);

    /// <summary>
    /// The webhook only wakes us: what became of the charge is asked of the provider. So a webhook that comes twice, late, or after a newer
    /// one does no harm.
    /// </summary>
    private static async Task<Results<NoContent, ProblemHttpResult, ValidationProblem>> ReceiveWebhook(
        HttpRequest request,
        [FromHeader(Name = WebhookSignature.Header)] string? signature,
        IOptions<PaymentProviderOptions> options,
        OrderPayments payments,
        PaymentAnswers answers,
        PaymentsDbContext database,
        TimeProvider clock,
        CancellationToken cancellationToken)
    {
        // All of it, as much as the gateway lets in: refused before its end, a body would break the gateway's connection off.
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, cancellationToken);
        if (!WebhookSignature.IsValid(signature, options.Value.WebhookSecret, clock.GetUtcNow(), body.GetBuffer().AsSpan(0, (int)body.Length)))
            return TypedResults.Problem(statusCode: StatusCodes.Status401Unauthorized, detail: $"The {WebhookSignature.Header} does not fit the body, or is too old.");
        if (Read(body) is not { Key: var key } || key == Guid.Empty)
            return Problems.Invalid("key", "The charge's key, a UUID, is missing.");

        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
        if (await payments.SettleAsync(key, cancellationToken) is { } payment)
            await answers.TellAsync(payment, cancellationToken);
        await database.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.NoContent();
    }

    private static PaymentWebhook? Read(MemoryStream body)
    {
        try
        {
            return JsonSerializer.Deserialize<PaymentWebhook>(body.GetBuffer().AsSpan(0, (int)body.Length), JsonSerializerOptions.Web);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
