using MassTransit;
using MassTransit.Context;
using MassTransit.Middleware.Outbox;
using MassTransit.Scheduling;
using Shop.Messaging.Outbox;

namespace Shop.Messaging.Consuming;

/// <summary>A message as its consumer or saga sees it: all that it publishes, sends or schedules goes to the outbox.</summary>
internal sealed class OutboxConsumeContext<T> : ConsumeContextScope<T>
    where T : class
{
    public OutboxConsumeContext(ConsumeContext<T> context, OutboxWriter outbox, IBusTopology topology)
        : base(context)
    {
        var receiving = new OutboxReceiveContext(outbox, context.ReceiveContext);
        ReceiveContext = receiving;
        PublishEndpointProvider = receiving.PublishEndpointProvider;
        AddOrUpdatePayload<MessageSchedulerContext>(() => NewScheduler(outbox, topology), _ => NewScheduler(outbox, topology));
    }

    private ConsumeMessageSchedulerContext NewScheduler(OutboxWriter outbox, IBusTopology topology) =>
        new(this, context => new MessageScheduler(new OutboxScheduler(outbox, context), topology));
}
