using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace Shop.Payments.Consumers;

/// <summary>The order has come to its end, so nothing will be captured again; what is given back is given back by the order's id.</summary>
internal sealed class ErasePaymentMethodConsumer(PaymentsDbContext database) : IConsumer<OrderAddressErased>
{
    public Task Consume(ConsumeContext<OrderAddressErased> context) => database.Payments
        .Where(payment => payment.OrderId == context.Message.OrderId)
        .ExecuteUpdateAsync(payment => payment.SetProperty(p => p.PaymentMethod, ""), context.CancellationToken);
}
