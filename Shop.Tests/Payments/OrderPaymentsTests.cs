using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Shop.Contracts;
using Shop.Payments;
using Shop.Payments.Provider;
using Shop.Tests.WholeSystem;

namespace Shop.Tests.Payments;

/// <summary>Capture and refund asked for once, twice and too early, against the provider's own ledger.</summary>
[Collection<SharedShop>]
public sealed class OrderPaymentsTests(RunningShop shop) : IAsyncLifetime
{
    private Guid _orderId = Guid.CreateVersion7();
    private TimeSpan _timeout = TimeSpan.FromSeconds(30);
    private TestDatabase<PaymentsDbContext> _database = null!;
    private ServiceProvider _services = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await shop.CreateDatabaseAsync<PaymentsDbContext>();
        _services = new ServiceCollection()
            .AddSingleton(TimeProvider.System)
            .AddScoped(_ => _database.Open())
            .AddSingleton<SimulatedPaymentProvider>()
            .AddSingleton<IPaymentProvider>(services => new ResilientPaymentProvider(
                services.GetRequiredService<SimulatedPaymentProvider>(), Options.Create(new PaymentProviderOptions { Timeout = _timeout }), NullLoggerFactory.Instance))
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
    public async Task Refund_AfterACaptureThatWasRolledBack_GivesBackWhatTheProviderHas()
    {
        await using (var database = _database.Open())
        {
            await using var transaction = await database.Database.BeginTransactionAsync(Cancelled);
            await Payments(database).CaptureAsync(Order("tok_visa"), Cancelled);
        }

        var refund = await RefundAsync();
        var late = await CaptureAsync("tok_visa");

        Assert.Equal((PaymentStatus.Refunded, 39.98m, 39.98m, "EUR"), (refund.Status, refund.Amount, refund.Refunded, refund.Currency));
        Assert.Equal(PaymentStatus.Refunded, late.Status);
        Assert.Equal((39.98m, 39.98m), await LedgerAsync());
    }

    [Fact]
    public async Task Refund_WhileTheCaptureIsUnderWay_WaitsAndGivesItBack()
    {
        await using var database = _database.Open();
        await using var transaction = await database.Database.BeginTransactionAsync(Cancelled);
        await Payments(database).CaptureAsync(Order("tok_visa"), Cancelled);
        var refund = RefundAsync();
        await database.SaveChangesAsync(Cancelled);
        await transaction.CommitAsync(Cancelled);

        Assert.Equal(PaymentStatus.Refunded, (await refund).Status);
        Assert.Equal((39.98m, 39.98m), await LedgerAsync());
    }

    [Fact]
    public async Task Capture_ProviderFailsTwice_IsTriedAgainAndChargesOnce()
    {
        var payment = await CaptureAsync("tok_flaky");

        Assert.Equal(PaymentStatus.Captured, payment.Status);
        Assert.Equal((39.98m, 0m), await LedgerAsync());
    }

    [Fact]
    public async Task Capture_ProviderCapturesAndNeverAnswers_IsOpenUntilTheProviderIsAskedByKey()
    {
        _orderId = KeyThatTimesOut(captured: true);

        var unknown = await CaptureAsync("tok_timeout");
        var settled = await SettleAsync();

        Assert.Equal((PaymentStatus.Pending, true), (unknown.Status, unknown.IsOpen));
        Assert.Equal(PaymentStatus.Captured, settled!.Status);
        Assert.Equal((39.98m, 0m), await LedgerAsync());
    }

    [Fact]
    public async Task Capture_ProviderNeverHearsOfIt_FailsOnlyWhenTheProviderHasBeenMadeToRefuseIt()
    {
        _orderId = KeyThatTimesOut(captured: false);

        var unknown = await CaptureAsync("tok_timeout");
        var again = await SettleAsync();
        var settled = await SettleAsync();

        Assert.Equal((PaymentStatus.Pending, PaymentStatus.Pending), (unknown.Status, again!.Status));
        Assert.Equal((PaymentStatus.Declined, OrderPayments.NoAnswer), (settled!.Status, settled.Failure));
        Assert.Equal(ChargeStatus.Voided, (await _services.GetRequiredService<IPaymentProvider>().FindAsync(_orderId, Cancelled)).Status);
        Assert.Equal((0m, 0m), await LedgerAsync());
    }

    [Fact]
    public async Task Refund_WhileTheOutcomeIsUnknown_GivesBackWhatTheProviderTookUnseen()
    {
        _orderId = KeyThatTimesOut(captured: true);
        await CaptureAsync("tok_timeout");

        var refund = await RefundAsync();

        Assert.Equal((PaymentStatus.Refunded, 39.98m), (refund.Status, refund.Refunded));
        Assert.Equal((39.98m, 39.98m), await LedgerAsync());
    }

    [Fact]
    public async Task Refund_WhileTheProviderIsAtWork_VoidsTheCharge()
    {
        var processing = await CaptureAsync("tok_webhook_later");

        var refund = await RefundAsync();
        var late = await SettleAsync();

        Assert.Equal(PaymentStatus.Pending, processing.Status);
        Assert.Equal((PaymentStatus.Voided, 0m), (refund.Status, refund.Refunded));
        Assert.Equal(PaymentStatus.Voided, late!.Status);
        Assert.Equal((0m, 0m), await LedgerAsync());
    }

    [Fact]
    public async Task Success_ReportedAfterThePaymentFailed_IsGivenBack()
    {
        await CaptureAsync("tok_declined");
        await using (var database = _database.Open())
        {
            // The provider thinks better of it.
            await database.ProviderCharges.ExecuteUpdateAsync(
                charge => charge.SetProperty(c => c.Status, ChargeStatus.Captured).SetProperty(c => c.Captured, 39.98m), Cancelled);
        }

        var settled = await SettleAsync();

        Assert.Equal((PaymentStatus.Refunded, 39.98m), (settled!.Status, settled.Refunded));
        Assert.Equal((39.98m, 39.98m), await LedgerAsync());
    }

    [Fact]
    public async Task Success_PerhapsReportedAfterThePaymentFailed_StaysOpenUntilTheProviderSaysWhatItKeeps()
    {
        await CaptureAsync("tok_declined");

        var unknown = await _database.InTransactionAsync(database =>
            new OrderPayments(database, new SilentProvider(), TimeProvider.System).SettleAsync(_orderId, Cancelled));
        var settled = await SettleAsync();

        Assert.Equal((PaymentStatus.Refunding, true), (unknown!.Status, unknown.IsOpen));
        Assert.Equal((PaymentStatus.Voided, 0m), (settled!.Status, settled.Refunded));
    }

    [Fact]
    public async Task Settle_UnknownOrder_DoesNothing() => Assert.Null(await SettleAsync());

    /// <summary>The simulated provider captures half of what it never answers; that is not waited for as long as for what is slow.</summary>
    private Guid KeyThatTimesOut(bool captured)
    {
        _timeout = TimeSpan.FromSeconds(3);
        var bytes = Guid.CreateVersion7().ToByteArray();
        bytes[^1] = (byte)((bytes[^1] & 0xFE) | (captured ? 0 : 1));
        return new Guid(bytes);
    }

    private Task<Payment?> SettleAsync() =>
        _database.InTransactionAsync(database => Payments(database).SettleAsync(_orderId, Cancelled));

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
