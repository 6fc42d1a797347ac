using Microsoft.EntityFrameworkCore;

namespace Shop.Payments.Provider;

/// <summary>
/// Stands in for a provider on the internet: keeps its own ledger, in transactions of its own, so that what it did stays done when the
/// caller's transaction is rolled back. The payment method decides what happens; docs/patterns/payment-provider.md lists them.
/// </summary>
internal sealed class SimulatedPaymentProvider(IServiceScopeFactory scopes, TimeProvider clock) : IPaymentProvider
{
    public async Task<string?> CaptureAsync(Guid key, decimal amount, string currency, string paymentMethod, CancellationToken cancellationToken)
    {
        var declined = paymentMethod switch
        {
            "tok_visa" => null,
            "tok_declined" => "Declined",
            "tok_insufficient_funds" => "InsufficientFunds",
            _ => "UnknownPaymentMethod",
        };
        await using var scope = scopes.CreateAsyncScope();
        var ledger = scope.ServiceProvider.GetRequiredService<PaymentsDbContext>();
        await ledger.Database.ExecuteSqlAsync(
            $"""
             INSERT INTO provider_charges (key, captured, refunded, currency, declined, at)
             VALUES ({key}, {(declined is null ? amount : 0)}, 0, {currency}, {declined}, {clock.GetDatabaseNow()})
             ON CONFLICT (key) DO NOTHING
             """,
            cancellationToken);
        var charge = await ledger.ProviderCharges.AsNoTracking().SingleAsync(charge => charge.Key == key, cancellationToken);
        return charge.Declined ?? (charge.Refunded > 0 ? "Refunded" : null);
    }

    public async Task<decimal> RefundAsync(Guid key, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var ledger = scope.ServiceProvider.GetRequiredService<PaymentsDbContext>();
        await ledger.Database.ExecuteSqlAsync(
            $"""
             INSERT INTO provider_charges AS charge (key, captured, refunded, currency, declined, at)
             VALUES ({key}, 0, 0, '', 'Voided', {clock.GetDatabaseNow()})
             ON CONFLICT (key) DO UPDATE SET refunded = charge.captured
             """,
            cancellationToken);
        var charge = await ledger.ProviderCharges.AsNoTracking().SingleAsync(charge => charge.Key == key, cancellationToken);
        return charge.Refunded;
    }
}
