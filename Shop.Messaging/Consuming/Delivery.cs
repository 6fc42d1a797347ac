using System.Diagnostics;
using MassTransit;
using MassTransit.Context;
using MassTransit.DependencyInjection;
using Microsoft.Extensions.DependencyInjection;
using Shop.Messaging.Outbox;

namespace Shop.Messaging.Consuming;

/// <summary>A message that waits for a transaction, which it may share with others.</summary>
internal abstract class Delivery
{
    private readonly TaskCompletionSource<bool> _shared = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _taken;

    public abstract Guid MessageId { get; }

    public abstract object Message { get; }

    public abstract CancellationToken CancellationToken { get; }

    /// <summary>Whether it shall not make others fail with it.</summary>
    public abstract bool IsAlone { get; }

    /// <summary>True when it was handled with others; false where it must be handled alone.</summary>
    public Task<bool> Shared => _shared.Task;

    /// <summary>Whether the caller is the one that handles it, or gives it up.</summary>
    public bool TryTake() => Interlocked.Exchange(ref _taken, 1) == 0;

    public void Handled(bool shared) => _shared.TrySetResult(shared);

    /// <summary>Nobody handles it who has not begun: the broker keeps the message.</summary>
    public void GiveUp(CancellationToken cancellationToken)
    {
        if (TryTake())
            _shared.TrySetCanceled(cancellationToken);
    }

    /// <summary>Whoever calls: what is done is done in the trace of this message.</summary>
    public abstract Task RunInItsTraceAsync(Func<Task> action);

    /// <summary>Calls the consumer inside the transaction's scope.</summary>
    public abstract Task ConsumeAsync(AsyncServiceScope scope);

    /// <summary>It was seen before, and has no second effect.</summary>
    public abstract Task IgnoreAsync();
}

/// <inheritdoc/>
internal sealed class Delivery<T>(
    ConsumeContext<T> context, Guid messageId, IPipe<ConsumeContext<T>> next, IConsumeScopeProvider scopes, TimeProvider clock, Action ignored) : Delivery
    where T : class
{
    private readonly long _started = clock.GetTimestamp();
    private readonly ExecutionContext? _own = ExecutionContext.Capture();

    public override Guid MessageId => messageId;

    public override object Message => context.Message;

    public override bool IsAlone => context is AttemptContext<T> { IsAlone: true };

    public override CancellationToken CancellationToken => context.CancellationToken;

    public override Task RunInItsTraceAsync(Func<Task> action)
    {
        if (_own is null)
            return action();
        var running = Task.CompletedTask;
        ExecutionContext.Run(_own, _ => running = action(), null);
        return running;
    }

    public override Task ConsumeAsync(AsyncServiceScope scope) => RunInItsTraceAsync(() => ConsumeInAsync(scope));

    public override Task IgnoreAsync()
    {
        ignored();
        return context.NotifyConsumed(clock.GetElapsedTime(_started), "inbox"); // otherwise it would count as skipped
    }

    private async Task ConsumeInAsync(AsyncServiceScope scope)
    {
        MessageIds<T>.AddTo(Activity.Current, context.Message);
        var scoped = new ConsumeContextScope<T>(context, scope, scope.ServiceProvider);
        await using var entered = await scopes.GetScope(scoped);
        var consuming = new OutboxConsumeContext<T>(entered.Context, entered.GetService<OutboxWriter>(), entered.GetService<IBus>().Topology);
        using (entered.PushConsumeContext(consuming))
            await next.Send(consuming);
    }
}
