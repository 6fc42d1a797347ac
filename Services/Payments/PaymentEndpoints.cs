using Microsoft.AspNetCore.Http.HttpResults;
using Shop.Orders.Grpc;

namespace Shop.Payments;

/// <summary>An order's payment as clients see it.</summary>
public sealed record PaymentResponse(Guid OrderId, string Status, decimal Amount, decimal Refunded, string Currency, string? Failure)
{
    internal static PaymentResponse From(Payment payment) =>
        new(payment.OrderId, payment.Status.ToString(), payment.Amount, payment.Refunded, payment.Currency, payment.Failure);
}

internal static class PaymentEndpoints
{
    /// <summary>How long Orders may take to say whose order it is.</summary>
    private static readonly TimeSpan OwnerTimeout = TimeSpan.FromSeconds(3);

    public static void MapPayments(this IEndpointRouteBuilder endpoints)
    {
        var payments = endpoints.MapGroup("/api/v1/orders/{orderId:guid}/payment").WithTags("Payments")
            .RequireOwnerOrAdmin("orderId", AskOwnerAsync);
        payments.MapGet("/", GetPayment);
    }

    private static async Task<string> AskOwnerAsync(IServiceProvider services, string orderId, CancellationToken cancellationToken)
    {
        var owner = await services.GetRequiredService<OrderService.OrderServiceClient>().GetOwnerAsync(
            new GetOwnerRequest { OrderId = orderId }, deadline: DateTime.UtcNow + OwnerTimeout, cancellationToken: cancellationToken);
        return owner.UserId;
    }

    private static async Task<Results<Ok<PaymentResponse>, ProblemHttpResult>> GetPayment(
        Guid orderId, PaymentsDbContext database, CancellationToken cancellationToken) =>
        await database.Payments.FindAsync([orderId], cancellationToken) is { } payment
            ? TypedResults.Ok(PaymentResponse.From(payment))
            : Problems.NotFound($"There is no payment for order {orderId}.");
}
