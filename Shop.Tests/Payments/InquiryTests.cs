using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Shop.Contracts;
using Shop.Messaging;
using Shop.Messaging.Outbox;
using Shop.Payments;
using Shop.Payments.Provider;
using Shop.Tests.Messaging;

namespace Shop.Tests.Payments;

/// <summary>Payments with its messaging, and a provider that is silent.</summary>
[Collection<SharedMessaging>]
public sealed class InquiryTests(MessagingServers servers) : IAsyncLifetime
{
    private readonly Guid _orderId = Guid.CreateVersion7();
    private IHost _payments = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true, EnvironmentName = "Test" });
        builder.Configuration.AddInMemoryCollection(
        [
            new("ConnectionStrings:paymentsdb", await servers.GetConnectionStringAsync("paymentsdb")),
            new("ConnectionStrings:messaging", await servers.GetConnectionStringAsync("broker")),
        ]);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<IPaymentProvider, SilentProvider>();
        builder.Services.AddScoped<OrderPayments>();
        builder.Services.AddScoped<PaymentAnswers>();
        builder.AddServiceDatabase<PaymentsDbContext>("paymentsdb");
        builder.AddMessaging<PaymentsDbContext>("messaging", MessageRoutes.Queues);
        _payments = builder.Build();
        await _payments.StartAsync(Cancelled);
    }

    public async ValueTask DisposeAsync()
    {
        await _payments.StopAsync(CancellationToken.None);
        _payments.Dispose();
    }

    [Fact]
    public async Task Capture_AskedForAgainAndAgainWhileTheProviderIsSilent_LeavesOneInquiry()
    {
        for (var asked = 1; asked <= 4; asked++)
        {
            await InScopeAsync(async services =>
            {
                await services.GetRequiredService<IPublishEndpoint>().Publish(new CapturePayment(_orderId, 39.98m, "EUR", "tok_visa"), Cancelled);
                return await services.GetRequiredService<PaymentsDbContext>().SaveChangesAsync(Cancelled);
            });
            await Eventually.IsTrue(() => InScopeAsync(services => services.GetRequiredService<PaymentsDbContext>().Payments
                .AnyAsync(payment => payment.OrderId == _orderId && payment.Attempts + payment.Inquiries >= asked, Cancelled)));
        }

        var inquiries = await InScopeAsync(services => services.GetRequiredService<PaymentsDbContext>().Set<OutboxMessage>()
            .CountAsync(message => message.MessageType == MessageUrn.ForTypeString<InquirePayment>(), Cancelled));

        // None where it is on its way at this moment.
        Assert.InRange(inquiries, 0, 1);
        Assert.Equal(PaymentStatus.Pending, await InScopeAsync(async services =>
            (await services.GetRequiredService<PaymentsDbContext>().Payments.SingleAsync(payment => payment.OrderId == _orderId, Cancelled)).Status));
    }

    private async Task<T> InScopeAsync<T>(Func<IServiceProvider, Task<T>> work)
    {
        await using var scope = _payments.Services.CreateAsyncScope();
        return await work(scope.ServiceProvider);
    }
}
