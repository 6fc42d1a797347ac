using MassTransit;

namespace Shop.Payments.Consumers;

internal sealed class CapturePaymentConsumer(OrderPayments payments) : IConsumer<CapturePayment>
{
    public async Task Consume(ConsumeContext<CapturePayment> context)
    {
        var payment = await payments.CaptureAsync(context.Message, context.CancellationToken);
        if (payment.Status is PaymentStatus.Captured)
            await context.Publish(new PaymentCaptured(payment.OrderId, payment.Amount, payment.Currency), context.CancellationToken);
        else
            await context.Publish(new PaymentFailed(payment.OrderId, payment.Failure ?? payment.Status.ToString()), context.CancellationToken);
    }
}
