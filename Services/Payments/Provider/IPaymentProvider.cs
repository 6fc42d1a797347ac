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
    /// <returns>Null where captured, otherwise the reason for declining.</returns>
    Task<string?> CaptureAsync(Guid key, decimal amount, string currency, string paymentMethod, CancellationToken cancellationToken);

    /// <summary>Gives back all that was captured under a key, and refuses every capture under it from now on.</summary>
    /// <returns>What was given back in all; 0 where nothing had been captured.</returns>
    Task<decimal> RefundAsync(Guid key, CancellationToken cancellationToken);
}
