using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Shop.Contracts;
using Shop.Payments;
using Shop.Payments.Provider;
using Shop.Tests.WholeSystem;

namespace Shop.Tests.Payments;

/// <summary>Capture and refund asked for once, twice and too early, against the provider's own ledger.</summary>
[Collection<SharedShop>]
public sealed class OrderPaymentsTests(RunningShop shop) : IAsyncLifetime
{
    private readonly Guid _orderId = Guid.CreateVersion7();
    private TestDatabase<PaymentsDbContext> _database = null!;
    private ServiceProvider _services = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await shop.CreateDatabaseAsync<PaymentsDbContext>();
        _services = new ServiceCollection()
            .AddSingleton(TimeProvider.System)
            .AddScoped(_ => _database.Open())
            .AddSingleton<IPaymentProvider, SimulatedPaymentProvider>()
            .BuildServiceProvider(validateScopes: true);
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task Capture_AskedTwice_ChargesOnce()
    {
        var first = await CaptureAsync("tok_visa");
        var again = await CaptureAsync("tok_visa");

        Assert.Equal((PaymentStatus.Captured, PaymentStatus.Captured), (first.Status, again.Status));
        Assert.Equal((39.98m, 0m), await LedgerAsync());
    }

    [Fact]
    public async Task Capture_RolledBackAfterTheProviderCharged_FindsItsChargeAgain()
    {
        await using (var database = _database.Open())
        {
            await using var transaction = await database.Database.BeginTransactionAsync(Cancelled);
            await Payments(database).CaptureAsync(Order("tok_visa"), Cancelled);
            await database.SaveChangesAsync(Cancelled);
        }

        var again = await CaptureAsync("tok_visa");

        Assert.Equal(PaymentStatus.Captured, again.Status);
        Assert.Equal((39.98m, 0m), await LedgerAsync());
    }

    [Fact]
    public async Task Capture_Declined_KeepsTheReasonAndChargesNothing()
    {
        var payment = await CaptureAsync("tok_insufficient_funds");

        Assert.Equal((PaymentStatus.Declined, "InsufficientFunds"), (payment.Status, payment.Failure));
        Assert.Equal((0m, 0m), await LedgerAsync());
    }

    [Fact]
    public async Task Refund_Captured_GivesAllBackOnce()
    {
        await CaptureAsync("tok_visa");

        await RefundAsync();
        var again = await RefundAsync();

        Assert.Equal((PaymentStatus.Refunded, 39.98m), (again.Status, again.Refunded));
        Assert.Equal((39.98m, 39.98m), await LedgerAsync());
    }

    [Fact]
    public async Task Refund_OvertakingItsCapture_RefusesItWhenItArrives()
    {
        var refund = await RefundAsync();

        var late = await CaptureAsync("tok_visa");

        Assert.Equal((PaymentStatus.Voided, 0m), (refund.Status, refund.Refunded));
        Assert.Equal(PaymentStatus.Voided, late.Status);
        Assert.Equal((0m, 0m), await LedgerAsync());
    }

    [Fact]
    public async Task Refund_BetweenTheProvidersChargeAndItsRecord_IsMadeUpForByTheRepeatedCapture()
    {
        await using (var crashed = _database.Open())
        {
            await using var transaction = await crashed.Database.BeginTransactionAsync(Cancelled);
            await Payments(crashed).CaptureAsync(Order("tok_visa"), Cancelled);
            // Never committed here; committed at the provider.
        }

        await RefundAsync();
        var repeated = await CaptureAsync("tok_visa");

        Assert.Equal(PaymentStatus.Voided, repeated.Status);
        Assert.Equal((39.98m, 39.98m), await LedgerAsync());
    }

    private CapturePayment Order(string paymentMethod) => new(_orderId, 39.98m, "EUR", paymentMethod);

    private OrderPayments Payments(PaymentsDbContext database) =>
        new(database, _services.GetRequiredService<IPaymentProvider>(), TimeProvider.System);

    private Task<Payment> CaptureAsync(string paymentMethod) =>
        _database.InTransactionAsync(database => Payments(database).CaptureAsync(Order(paymentMethod), Cancelled));

    private Task<Payment> RefundAsync() =>
        _database.InTransactionAsync(database => Payments(database).RefundAsync(_orderId, Cancelled));

    private async Task<(decimal Captured, decimal Refunded)> LedgerAsync()
    {
        await using var database = _database.Open();
        return (await database.ProviderCharges.SumAsync(charge => charge.Captured, Cancelled),
            await database.ProviderCharges.SumAsync(charge => charge.Refunded, Cancelled));
    }
}
