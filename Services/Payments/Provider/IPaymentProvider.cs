namespace Shop.Payments.Provider;

/// <summary>What a payment provider does for us. Every call carries an idempotency key: repeated, it has no further effect and the same answer.</summary>
public interface IPaymentProvider
{
    /// <summary>Captures an amount.</summary>
    /// <param name="key">The idempotency key.</param>
    /// <param name="amount">In units of <paramref name="currency"/>.</param>
    /// <param name="currency">ISO 4217 code.</param>
    /// <param name="paymentMethod">The provider's reference to the customer's means of payment.</param>
    /// <param name="cancellationToken">Ends the call; the outcome is then unknown.</param>
    Task<Charge> CaptureAsync(Guid key, decimal amount, string currency, string paymentMethod, CancellationToken cancellationToken);

    /// <summary>What became of the charge under a key.</summary>
    Task<Charge> FindAsync(Guid key, CancellationToken cancellationToken);

    /// <summary>Gives back all that was captured under a key, and refuses every capture under it from now on.</summary>
    Task<Charge> RefundAsync(Guid key, CancellationToken cancellationToken);
}

/// <summary>The provider answers that it cannot serve now: the call had no effect, and may be repeated.</summary>
public sealed class ProviderUnavailableException(string message) : Exception(message);
