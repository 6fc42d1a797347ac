using MassTransit;
using MassTransit.Scheduling;

namespace Shop.Payments;

/// <summary>Tells the shop what became of a payment; as long as that is not known, sees to it that the provider is asked again.</summary>
public sealed class PaymentAnswers(IPublishEndpoint publisher, IMessageScheduler scheduler, TimeProvider clock)
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    // By its order a waiting inquiry is found again.
    static PaymentAnswers() => ScheduleTokenId.UseTokenId<InquirePayment>(inquiry => inquiry.OrderId);

    /// <summary>Answers <see cref="CapturePayment"/>.</summary>
    public Task AnswerCaptureAsync(Payment payment, CancellationToken cancellationToken)
    {
        PaymentMetrics.Outcome(payment.Status);
        return payment.Status switch
        {
            PaymentStatus.Captured => publisher.Publish(new PaymentCaptured(payment.OrderId, payment.Amount, payment.Currency), cancellationToken),
            _ when payment.IsOpen => InquireLaterAsync(payment, cancellationToken),
            _ => publisher.Publish(new PaymentFailed(payment.OrderId, payment.Failure ?? payment.Status.ToString()), cancellationToken),
        };
    }

    /// <summary>Answers <see cref="RefundPayment"/>.</summary>
    public Task AnswerRefundAsync(Payment payment, CancellationToken cancellationToken)
    {
        PaymentMetrics.Outcome(payment.Status);
        return payment.IsOpen
            ? InquireLaterAsync(payment, cancellationToken)
            : publisher.Publish(new PaymentRefunded(payment.OrderId, payment.Refunded), cancellationToken);
    }

    /// <summary>Tells what the provider has told unasked, or when it was asked again.</summary>
    public Task TellAsync(Payment payment, CancellationToken cancellationToken) =>
        payment.Status is PaymentStatus.Refunded or PaymentStatus.Voided
            ? AnswerRefundAsync(payment, cancellationToken)
            : AnswerCaptureAsync(payment, cancellationToken);

    /// <summary>After one second, and then each time twice as long. An inquiry that waits already is replaced: there is one for an order.</summary>
    private async Task InquireLaterAsync(Payment payment, CancellationToken cancellationToken)
    {
        var wait = TimeSpan.FromSeconds(1) * Math.Pow(2, Math.Min(payment.Inquiries, 10));
        var due = clock.GetUtcNow() + (wait < LongestWait ? wait : LongestWait);
        await scheduler.CancelScheduledPublish<InquirePayment>(payment.OrderId, cancellationToken);
        await scheduler.SchedulePublish(due.UtcDateTime, new InquirePayment(payment.OrderId), cancellationToken);
    }
}
