using MassTransit;

namespace Shop.Payments.Consumers;

internal sealed class CapturePaymentConsumer(OrderPayments payments, PaymentAnswers answers) : IConsumer<CapturePayment>
{
    public async Task Consume(ConsumeContext<CapturePayment> context)
    {
        var payment = await payments.CaptureAsync(context.Message, context.CancellationToken);
        await answers.AnswerCaptureAsync(payment, context.CancellationToken);
    }
}
