using Microsoft.AspNetCore.Http.HttpResults;

namespace Shop.Payments;

/// <summary>An order's payment as clients see it.</summary>
public sealed record PaymentResponse(Guid OrderId, string Status, decimal Amount, decimal Refunded, string Currency, string? Failure)
{
    internal static PaymentResponse From(Payment payment) =>
        new(payment.OrderId, payment.Status.ToString(), payment.Amount, payment.Refunded, payment.Currency, payment.Failure);
}

internal static class PaymentEndpoints
{
    public static void MapPayments(this IEndpointRouteBuilder endpoints)
    {
        var payments = endpoints.MapGroup("/api/v1/orders/{orderId:guid}/payment").WithTags("Payments");
        payments.MapGet("/", GetPayment);
    }

    private static async Task<Results<Ok<PaymentResponse>, ProblemHttpResult>> GetPayment(
        Guid orderId, PaymentsDbContext database, CancellationToken cancellationToken) =>
        await database.Payments.FindAsync([orderId], cancellationToken) is { } payment
            ? TypedResults.Ok(PaymentResponse.From(payment))
            : Problems.NotFound($"There is no payment for order {orderId}.");
}
