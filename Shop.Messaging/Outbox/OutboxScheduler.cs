using MassTransit;
using MassTransit.Scheduling;
using MassTransit.Transports;

namespace Shop.Messaging.Outbox;

/// <summary>Schedules messages as outbox rows with a due time: they commit, and are cancelled, with the change that asks for it.</summary>
internal sealed class OutboxScheduler(OutboxWriter outbox, ISendEndpointProvider endpoints) : IScheduleMessageProvider
{
    public async Task<ScheduledMessage<T>> ScheduleSend<T>(
        Uri destinationAddress, DateTime scheduledTime, T message, IPipe<SendContext<T>> pipe, CancellationToken cancellationToken)
        where T : class
    {
        var token = ScheduleTokenIdCache<T>.GetTokenId(message, Guid.CreateVersion7());
        var endpoint = await endpoints.GetSendEndpoint(destinationAddress);
        var delivery = new ScheduledDelivery(token, scheduledTime.ToUniversalTime());
        await endpoint.Send(message, new SchedulePipe<T>(pipe, delivery), cancellationToken);
        return new ScheduledMessageHandle<T>(token, scheduledTime, destinationAddress, message);
    }

    public Task CancelScheduledSend(Guid tokenId, CancellationToken cancellationToken) => outbox.CancelAsync(tokenId, cancellationToken);

    public Task CancelScheduledSend(Uri destinationAddress, Guid tokenId, CancellationToken cancellationToken) =>
        outbox.CancelAsync(tokenId, cancellationToken);

    /// <summary>The token travels inside the message, so that a saga recognises a timeout that it no longer waits for.</summary>
    private sealed class SchedulePipe<T>(IPipe<SendContext<T>> pipe, ScheduledDelivery delivery) : SendContextPipeAdapter<T>(pipe)
        where T : class
    {
        protected override void Send(SendContext<T> context)
        {
            context.ScheduledMessageId = delivery.Token;
            context.Headers.Set(MessageHeaders.SchedulingTokenId, delivery.Token.ToString("D"));
            context.GetOrAddPayload(() => delivery);
        }

        protected override void Send<TMessage>(SendContext<TMessage> context)
        {
        }
    }
}
