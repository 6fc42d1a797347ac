using MassTransit;

namespace Shop.Payments.Consumers;

internal sealed class RefundPaymentConsumer(OrderPayments payments, PaymentAnswers answers) : IConsumer<RefundPayment>
{
    public async Task Consume(ConsumeContext<RefundPayment> context)
    {
        var payment = await payments.RefundAsync(context.Message.OrderId, context.CancellationToken);
        await answers.AnswerRefundAsync(payment, context.CancellationToken);
    }
}
