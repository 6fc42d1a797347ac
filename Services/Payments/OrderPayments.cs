using Microsoft.EntityFrameworkCore;
using Shop.Payments.Provider;

namespace Shop.Payments;

/// <summary>
/// Captures and refunds an order's payment. Each step may be asked for again, too late or too early: what was decided once stays
/// decided, and is answered again. Runs inside the caller's transaction.
/// </summary>
public sealed class OrderPayments(PaymentsDbContext database, IPaymentProvider provider, TimeProvider clock)
{
    /// <summary>Captures the amount; an order that was decided before keeps its decision.</summary>
    public async Task<Payment> CaptureAsync(CapturePayment order, CancellationToken cancellationToken)
    {
        var payment = await LockAsync(order.OrderId, PaymentStatus.Pending, order.Amount, order.Currency, cancellationToken);
        if (payment.Status is PaymentStatus.Pending)
        {
            payment.Failure = await provider.CaptureAsync(order.OrderId, order.Amount, order.Currency, order.PaymentMethod, cancellationToken);
            payment.Status = payment.Failure is null ? PaymentStatus.Captured : PaymentStatus.Declined;
        }

        return payment;
    }

    /// <summary>
    /// Gives back whatever was captured. Where nothing was asked for yet, leaves a mark, so that a capture that arrives later is refused;
    /// the provider is asked even then, because a capture may have reached it whose transaction was rolled back here.
    /// </summary>
    public async Task<Payment> RefundAsync(Guid orderId, CancellationToken cancellationToken)
    {
        var payment = await LockAsync(orderId, PaymentStatus.Voided, 0, "", cancellationToken);
        if (payment.Status is PaymentStatus.Captured or PaymentStatus.Voided)
        {
            payment.Refunded = await provider.RefundAsync(orderId, cancellationToken);
            payment.Status = payment.Refunded > 0 ? PaymentStatus.Refunded : PaymentStatus.Voided;
        }

        return payment;
    }

    /// <summary>
    /// The order's payment, made where there is none, and locked: two messages for one order follow each other, also where both find none.
    /// </summary>
    private async Task<Payment> LockAsync(
        Guid orderId, PaymentStatus first, decimal amount, string currency, CancellationToken cancellationToken)
    {
        await database.Database.ExecuteSqlAsync(
            $"""
             INSERT INTO payments (order_id, status, amount, refunded, currency, created_at)
             VALUES ({orderId}, {first.ToString()}, {amount}, 0, {currency}, {clock.GetDatabaseNow()})
             ON CONFLICT (order_id) DO NOTHING
             """,
            cancellationToken);
        return await database.Payments.FromSql($"SELECT * FROM payments WHERE order_id = {orderId} FOR UPDATE").SingleAsync(cancellationToken);
    }
}
