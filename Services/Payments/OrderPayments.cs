using Microsoft.EntityFrameworkCore;
using Shop.Payments.Provider;

namespace Shop.Payments;

/// <summary>
/// Captures and refunds an order's payment. Each step may be asked for again, too late or too early: what was decided once stays
/// decided, and is answered again; and what the provider has not told is asked of it by its key until it is known. Runs inside the
/// caller's transaction, under the payment's row lock.
/// </summary>
public sealed class OrderPayments(PaymentsDbContext database, IPaymentProvider provider, TimeProvider clock)
{
    /// <summary>How often a capture is asked for where the provider does not know of it; then it is made to refuse it.</summary>
    private const int MaxAttempts = 2;

    /// <summary>The reason for declining where the provider never answered.</summary>
    public const string NoAnswer = "NoAnswer";

    /// <summary>Captures the amount; an order that was decided before keeps its decision.</summary>
    public async Task<Payment> CaptureAsync(CapturePayment order, CancellationToken cancellationToken)
    {
        var payment = await LockAsync(order.OrderId, PaymentStatus.Pending, order.Amount, order.Currency, order.PaymentMethod, cancellationToken);
        if (payment is { Status: PaymentStatus.Pending, Attempts: 0 })
            Decide(payment, await AskToCaptureAsync(payment, cancellationToken));
        else if (payment.Status is PaymentStatus.Pending)
            await InquireAsync(payment, cancellationToken);
        return payment;
    }

    /// <summary>
    /// Gives back whatever was captured, and sees to it that nothing will be: the provider is asked even where we know of no capture,
    /// because one may have reached it that was rolled back here, or may be on its way.
    /// </summary>
    public async Task<Payment> RefundAsync(Guid orderId, CancellationToken cancellationToken)
    {
        var payment = await LockAsync(orderId, PaymentStatus.Voided, 0, "", "", cancellationToken);
        if (payment.Status is PaymentStatus.Captured or PaymentStatus.Voided || payment.IsOpen)
            await TakeBackAsync(payment, cancellationToken);
        return payment;
    }

    /// <summary>
    /// Asks the provider what became of a payment, and takes over what it says. A success that comes after the payment was declined or
    /// voided is given back at once, and so is one that may have come where the provider does not say. Null where there is no such payment.
    /// </summary>
    public async Task<Payment?> SettleAsync(Guid orderId, CancellationToken cancellationToken)
    {
        var payment = await database.Payments.FromSql($"SELECT * FROM payments WHERE order_id = {orderId} FOR UPDATE").SingleOrDefaultAsync(cancellationToken);
        switch (payment?.Status)
        {
            case PaymentStatus.Pending:
                await InquireAsync(payment, cancellationToken);
                break;
            case PaymentStatus.Refunding:
                await TakeBackAsync(payment, cancellationToken);
                break;
            case PaymentStatus.Declined or PaymentStatus.Voided or PaymentStatus.Refunded:
                if (await provider.FindAsync(orderId, cancellationToken) is { Kept: > 0 } or { Status: ChargeStatus.Unknown })
                    await TakeBackAsync(payment, cancellationToken);
                break;
        }

        return payment;
    }

    private async Task InquireAsync(Payment payment, CancellationToken cancellationToken)
    {
        payment.Inquiries++;
        var charge = await provider.FindAsync(payment.OrderId, cancellationToken);
        if (charge.Status is ChargeStatus.None && payment.Attempts < MaxAttempts)
        {
            charge = await AskToCaptureAsync(payment, cancellationToken);
        }
        else if (charge.Status is ChargeStatus.None)
        {
            // The answer may still be on its way: only what the provider has been made to refuse is known to have failed.
            charge = await provider.RefundAsync(payment.OrderId, cancellationToken);
            if (charge.Status is ChargeStatus.Voided)
                charge = charge with { Reason = NoAnswer };
        }

        Decide(payment, charge);
    }

    private Task<Charge> AskToCaptureAsync(Payment payment, CancellationToken cancellationToken)
    {
        payment.Attempts++;
        return provider.CaptureAsync(payment.OrderId, payment.Amount, payment.Currency, payment.PaymentMethod, cancellationToken);
    }

    private static void Decide(Payment payment, Charge charge)
    {
        (payment.Status, payment.Failure) = charge.Status switch
        {
            ChargeStatus.Captured when charge.Kept > 0 => (PaymentStatus.Captured, null),
            ChargeStatus.Captured => (PaymentStatus.Refunded, null),
            ChargeStatus.Declined or ChargeStatus.Voided => (PaymentStatus.Declined, charge.Reason ?? nameof(ChargeStatus.Voided)),
            _ => (PaymentStatus.Pending, null),
        };
        payment.Refunded = charge.Refunded;
    }

    private async Task TakeBackAsync(Payment payment, CancellationToken cancellationToken)
    {
        var charge = await provider.RefundAsync(payment.OrderId, cancellationToken);
        // Where the refund overtook a capture that was rolled back here, the provider alone knows what it took.
        if (charge.Captured > payment.Amount)
            (payment.Amount, payment.Currency) = (charge.Captured, charge.Currency);
        payment.Refunded = charge.Refunded;
        payment.Status = charge.Status switch
        {
            ChargeStatus.Unknown => PaymentStatus.Refunding,
            _ when charge.Refunded > 0 => PaymentStatus.Refunded,
            _ => PaymentStatus.Voided,
        };
        if (payment.Status is PaymentStatus.Refunding)
            payment.Inquiries++;
    }

    /// <summary>
    /// The order's payment, made where there is none, and locked: two messages for one order follow each other, also where both find none.
    /// </summary>
    private async Task<Payment> LockAsync(
        Guid orderId, PaymentStatus first, decimal amount, string currency, string paymentMethod, CancellationToken cancellationToken)
    {
        var locked = await database.Payments
            .FromSql(
                $"""
                 INSERT INTO payments (order_id, status, amount, refunded, currency, payment_method, attempts, inquiries, created_at)
                 VALUES ({orderId}, {first.ToString()}, {amount}, 0, {currency}, {paymentMethod}, 0, 0, {clock.GetDatabaseNow()})
                 ON CONFLICT (order_id) DO UPDATE SET order_id = excluded.order_id
                 RETURNING *
                 """)
            .ToListAsync(cancellationToken);
        return locked.Single();
    }
}
