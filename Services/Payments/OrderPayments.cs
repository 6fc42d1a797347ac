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
        if (await FindAsync(order.OrderId, cancellationToken) is { } decided)
        {
            // An earlier attempt may have charged, and been rolled back here while the order was voided.
            if (decided.Status is PaymentStatus.Voided)
                await provider.RefundAsync(order.OrderId, cancellationToken);
            return decided;
        }

        var declined = await provider.CaptureAsync(order.OrderId, order.Amount, order.Currency, order.PaymentMethod, cancellationToken);
        return Add(new Payment
        {
            OrderId = order.OrderId,
            Status = declined is null ? PaymentStatus.Captured : PaymentStatus.Declined,
            Amount = order.Amount,
            Currency = order.Currency,
            Failure = declined,
            CreatedAt = clock.GetDatabaseNow(),
        });
    }

    /// <summary>
    /// Gives back whatever was captured. Where nothing was asked for yet, leaves a mark, so that a capture that arrives later is refused.
    /// </summary>
    public async Task<Payment> RefundAsync(Guid orderId, CancellationToken cancellationToken)
    {
        var payment = await FindAsync(orderId, cancellationToken)
            ?? Add(new Payment { OrderId = orderId, Status = PaymentStatus.Voided, CreatedAt = clock.GetDatabaseNow() });
        if (payment.Status is PaymentStatus.Captured)
        {
            payment.Refunded = await provider.RefundAsync(orderId, cancellationToken);
            payment.Status = PaymentStatus.Refunded;
        }

        return payment;
    }

    /// <summary>The order's payment, locked: two messages for one order follow each other.</summary>
    private Task<Payment?> FindAsync(Guid orderId, CancellationToken cancellationToken) =>
        database.Payments.FromSql($"SELECT * FROM payments WHERE order_id = {orderId} FOR UPDATE").SingleOrDefaultAsync(cancellationToken);

    private Payment Add(Payment payment)
    {
        database.Add(payment);
        return payment;
    }
}
