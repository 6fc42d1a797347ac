using MassTransit;

namespace Shop.Tests.Messaging.Service;

/// <summary>A saga that counts, and that may wait for something.</summary>
internal sealed class Tally : SagaStateMachineInstance
{
    public Guid CorrelationId { get; set; }

    public string CurrentState { get; set; } = "";

    public int Count { get; set; }

    public Guid? WaitToken { get; set; }
}

internal sealed class TallyStateMachine : MassTransitStateMachine<Tally>
{
    public static Guid TallyOf(object message) => message switch
    {
        Counted m => m.TallyId,
        WaitBegun m => m.TallyId,
        WaitEnded m => m.TallyId,
        WaitExpired m => m.TallyId,
        _ => throw new ArgumentException(message.GetType().Name, nameof(message)),
    };

    public TallyStateMachine()
    {
        InstanceState(tally => tally.CurrentState);
        Event(() => Counted, e => e.CorrelateById(context => context.Message.TallyId));
        Event(() => WaitBegun, e => e.CorrelateById(context => context.Message.TallyId));
        Event(() => WaitEnded, e => e.CorrelateById(context => context.Message.TallyId));
        Schedule(() => Wait, tally => tally.WaitToken, schedule => schedule.Received = e => e.CorrelateById(context => context.Message.TallyId));

        Initially(
            When(Counted).Then(context => context.Saga.Count++).TransitionTo(Counting),
            When(WaitBegun).Schedule(Wait, context => new WaitExpired(context.Saga.CorrelationId), context => context.Message.Patience).TransitionTo(Waiting));
        During(Counting, When(Counted).Then(context => context.Saga.Count++));
        During(Waiting,
            When(WaitEnded).Unschedule(Wait).TransitionTo(Done),
            When(Wait!.Received).TransitionTo(Expired));
    }

    public State Counting { get; private set; } = null!;

    public State Waiting { get; private set; } = null!;

    public State Done { get; private set; } = null!;

    public State Expired { get; private set; } = null!;

    public Event<Counted> Counted { get; private set; } = null!;

    public Event<WaitBegun> WaitBegun { get; private set; } = null!;

    public Event<WaitEnded> WaitEnded { get; private set; } = null!;

    public Schedule<Tally, WaitExpired> Wait { get; private set; } = null!;
}
