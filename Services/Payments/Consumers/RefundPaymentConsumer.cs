using MassTransit;

namespace Shop.Payments.Consumers;

internal sealed class RefundPaymentConsumer(OrderPayments payments) : IConsumer<RefundPayment>
{
    public async Task Consume(ConsumeContext<RefundPayment> context)
    {
        var payment = await payments.RefundAsync(context.Message.OrderId, context.CancellationToken);
        await context.Publish(new PaymentRefunded(payment.OrderId, payment.Refunded), context.CancellationToken);
    }
}
