using Shop.Payments.Provider;

namespace Shop.Tests.Payments;

/// <summary>A provider that never answers: whatever it is asked, the outcome is unknown.</summary>
internal sealed class SilentProvider : IPaymentProvider
{
    public Task<Charge> CaptureAsync(Guid key, decimal amount, string currency, string paymentMethod, CancellationToken cancellationToken) =>
        Task.FromResult(Charge.Unknown);

    public Task<Charge> FindAsync(Guid key, CancellationToken cancellationToken) => Task.FromResult(Charge.Unknown);

    public Task<Charge> RefundAsync(Guid key, CancellationToken cancellationToken) => Task.FromResult(Charge.Unknown);
}
