using System.Linq.Expressions;
using MassTransit;

namespace Shop.Orders.Saga;

/// <summary>Where an order's saga stands. Born with its order, in the same transaction.</summary>
public sealed class OrderState : SagaStateMachineInstance
{
    /// <summary>The order's id.</summary>
    public Guid CorrelationId { get; set; }

    /// <summary>The name of the machine's state.</summary>
    public string CurrentState { get; set; } = nameof(OrderStateMachine.Submitted);

    /// <summary>Since when (UTC) it has been in it.</summary>
    public DateTimeOffset EnteredAt { get; set; }

    /// <summary>The states in which it waits for somebody's answer.</summary>
    public static IReadOnlyList<string> WaitingStates { get; } =
    [
        nameof(OrderStateMachine.Submitted),
        nameof(OrderStateMachine.ReservingStock),
        nameof(OrderStateMachine.CapturingPayment),
        nameof(OrderStateMachine.CommittingStock),
        nameof(OrderStateMachine.ArrangingShipment),
        nameof(OrderStateMachine.CancellingShipment),
        nameof(OrderStateMachine.Cancelling),
    ];

    /// <summary>Whether it waits; written as the index of these sagas has it.</summary>
    internal static Expression<Func<OrderState, bool>> IsWaiting { get; } = saga =>
        saga.CurrentState != nameof(OrderStateMachine.Confirmed)
        && saga.CurrentState != nameof(OrderStateMachine.Shipped)
        && saga.CurrentState != nameof(OrderStateMachine.Delivered)
        && saga.CurrentState != nameof(OrderStateMachine.Cancelled);

    /// <summary>The order it coordinates: loaded, changed and saved with it.</summary>
    public Order Order { get; init; } = null!;

    /// <summary>Which scheduled <see cref="StepTimedOut"/> is the pending one; an older one that arrives is stale.</summary>
    public Guid? TimeoutToken { get; set; }

    /// <summary>How often what it waits for has been asked for again.</summary>
    public int Repeats { get; set; }

    /// <summary>Whether <see cref="RefundPayment"/> has been asked and not yet answered.</summary>
    public bool AwaitsRefund { get; set; }

    /// <summary>Whether <see cref="ReleaseStock"/> has been asked and not yet answered.</summary>
    public bool AwaitsRelease { get; set; }

    /// <summary>Whether every undo that was asked for has been answered.</summary>
    public bool IsUndone => !AwaitsRefund && !AwaitsRelease;

    /// <summary>Why the order is being cancelled while Shipping has not yet decided whether it can be.</summary>
    public string? PendingReason { get; set; }

    /// <summary>The saga of a new order.</summary>
    public static OrderState Begin(Order order) => new() { CorrelationId = order.Id, Order = order, EnteredAt = order.CreatedAt };
}

/// <summary>What the saga waits for has not come in time. Only the saga sends it, to itself.</summary>
public sealed record StepTimedOut(Guid OrderId);
