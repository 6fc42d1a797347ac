using MassTransit;

namespace Shop.Payments.Consumers;

internal sealed class InquirePaymentConsumer(OrderPayments payments, PaymentAnswers answers) : IConsumer<InquirePayment>
{
    public async Task Consume(ConsumeContext<InquirePayment> context)
    {
        if (await payments.SettleAsync(context.Message.OrderId, context.CancellationToken) is { } payment)
            await answers.TellAsync(payment, context.CancellationToken);
    }
}
