using Microsoft.EntityFrameworkCore;

namespace Shop.Payments.Provider;

/// <summary>
/// Stands in for a provider on the internet: keeps its own ledger, in transactions of its own, so that what it did stays done when the
/// caller's transaction is rolled back. The payment method decides what happens; docs/patterns/payment-provider.md lists them.
/// </summary>
internal sealed class SimulatedPaymentProvider(IServiceScopeFactory scopes, TimeProvider clock) : IPaymentProvider
{
    /// <summary>How long a slow charge is processed.</summary>
    private static readonly TimeSpan ProcessingTime = TimeSpan.FromMilliseconds(500);

    public async Task<Charge> CaptureAsync(Guid key, decimal amount, string currency, string paymentMethod, CancellationToken cancellationToken)
    {
        var behaviour = Behaviour.Of(paymentMethod, key);
        if (behaviour.Outcome is not ChargeStatus.None)
        {
            var charge = await ChargeAsync(key, amount, currency, behaviour, cancellationToken);
            if (charge.Status is ChargeStatus.None)
                throw new ProviderUnavailableException("503: try again.");
            if (behaviour.Answers)
                return charge.ToCharge();
        }

        await Task.Delay(Timeout.InfiniteTimeSpan, clock, cancellationToken);
        throw new OperationCanceledException(cancellationToken);
    }

    public async Task<Charge> FindAsync(Guid key, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var ledger = scope.ServiceProvider.GetRequiredService<PaymentsDbContext>();
        return (await ledger.ProviderCharges.AsNoTracking().SingleOrDefaultAsync(charge => charge.Key == key, cancellationToken))?.ToCharge() ?? Charge.None;
    }

    public async Task<Charge> RefundAsync(Guid key, CancellationToken cancellationToken)
    {
        var voided = nameof(ChargeStatus.Voided);
        var charge = await LedgerAsync(
            $"""
             INSERT INTO provider_charges AS charge (key, status, amount, captured, refunded, currency, calls, webhook_attempts, at)
             VALUES ({key}, {voided}, 0, 0, 0, '', 0, 0, {clock.GetDatabaseNow()})
             ON CONFLICT (key) DO UPDATE
             SET refunded = charge.captured, status = CASE WHEN charge.captured > 0 THEN charge.status ELSE {voided} END
             RETURNING *
             """,
            cancellationToken);
        return charge.ToCharge();
    }

    /// <summary>Writes the charge down, unless it stands there already: then only the call is counted, and it fails as often as it shall.</summary>
    private Task<ProviderCharge> ChargeAsync(Guid key, decimal amount, string currency, Behaviour behaviour, CancellationToken cancellationToken)
    {
        var (outcome, none) = (behaviour.Outcome.ToString(), nameof(ChargeStatus.None));
        var captured = behaviour.Outcome is ChargeStatus.Captured ? amount : 0;
        var first = behaviour.Failures == 0 ? outcome : none;
        var firstCaptured = behaviour.Failures == 0 ? captured : 0;
        var now = clock.GetDatabaseNow();
        var webhookDue = behaviour.Outcome is ChargeStatus.Processing ? now + ProcessingTime : (DateTimeOffset?)null;
        return LedgerAsync(
            $"""
             INSERT INTO provider_charges AS charge
                 (key, status, amount, captured, refunded, currency, reason, calls, webhook_due_at, webhook_attempts, at)
             VALUES ({key}, {first}, {amount}, {firstCaptured}, 0, {currency}, {behaviour.Reason}, 1, {webhookDue}, 0, {now})
             ON CONFLICT (key) DO UPDATE
             SET calls = charge.calls + 1,
                 status = CASE WHEN charge.status = {none} AND charge.calls >= {behaviour.Failures} THEN {outcome} ELSE charge.status END,
                 captured = CASE WHEN charge.status = {none} AND charge.calls >= {behaviour.Failures} THEN {captured} ELSE charge.captured END
             RETURNING *
             """,
            cancellationToken);
    }

    private async Task<ProviderCharge> LedgerAsync(FormattableString statement, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var ledger = scope.ServiceProvider.GetRequiredService<PaymentsDbContext>();
        return (await ledger.ProviderCharges.FromSql(statement).AsNoTracking().ToListAsync(cancellationToken)).Single();
    }

    /// <summary>What a payment method is for.</summary>
    private sealed record Behaviour(ChargeStatus Outcome, string? Reason = null, int Failures = 0, bool Answers = true)
    {
        public static Behaviour Of(string paymentMethod, Guid key) => paymentMethod switch
        {
            "tok_visa" => new(ChargeStatus.Captured),
            "tok_declined" => new(ChargeStatus.Declined, "Declined"),
            "tok_insufficient_funds" => new(ChargeStatus.Declined, "InsufficientFunds"),
            "tok_flaky" => new(ChargeStatus.Captured, Failures: 2),
            "tok_webhook_later" => new(ChargeStatus.Processing),
            // It has captured, or it has not: half of the keys each.
            "tok_timeout" => new((key.ToByteArray()[^1] & 1) == 0 ? ChargeStatus.Captured : ChargeStatus.None, Answers: false),
            _ => new(ChargeStatus.Declined, "UnknownPaymentMethod"),
        };
    }
}
