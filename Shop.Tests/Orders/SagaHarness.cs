using MassTransit;
using MassTransit.Saga;
using MassTransit.Testing;
using Microsoft.Extensions.DependencyInjection;
using Shop.Orders;
using Shop.Orders.Saga;

namespace Shop.Tests.Orders;

/// <summary>The real state machine on an in-memory bus: tell it a message, and see what it has published when it has taken it.</summary>
public sealed class SagaHarness : IAsyncLifetime
{
    private static readonly TimeSpan Never = TimeSpan.FromHours(1);

    private readonly ServiceProvider _services = new ServiceCollection()
        .AddSingleton(TimeProvider.System)
        .AddSingleton(Microsoft.Extensions.Options.Options.Create(
            new OrderTimeouts { Stock = Never, Payment = Never, Shipment = Never, Undo = TimeSpan.FromMinutes(1) }))
        .AddMassTransitTestHarness(TextWriter.Null, bus =>
        {
            bus.AddDelayedMessageScheduler();
            bus.AddSagaStateMachine<OrderStateMachine, OrderState>().InMemoryRepository();
            bus.UsingInMemory((context, inMemory) =>
            {
                inMemory.UseDelayedMessageScheduler();
                inMemory.ConfigureEndpoints(context);
            });
        })
        .BuildServiceProvider(validateScopes: true);

    private readonly MessageLog _log = new();

    public OrderStateMachine Machine => _services.GetRequiredService<OrderStateMachine>();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var harness = _services.GetTestHarness();
        await harness.Start();
        harness.Bus.ConnectPublishObserver(_log);
        harness.Bus.ConnectConsumeObserver(_log);
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    /// <summary>A new order with its saga.</summary>
    public OrderState Begin()
    {
        var saga = OrderState.Begin(SampleOrder.Create());
        _services.GetRequiredService<IndexedSagaDictionary<OrderState>>().Add(new SagaInstance<OrderState>(saga));
        return saga;
    }

    /// <summary>Publishes a message and waits until the saga has taken it.</summary>
    /// <param name="message">The message.</param>
    /// <param name="timeoutToken">For <see cref="StepTimedOut"/>: which timeout it is.</param>
    /// <returns>What the saga published.</returns>
    public async Task<IReadOnlyList<object>> Tell(object message, Guid? timeoutToken = null)
    {
        var messageId = NewId.NextGuid();
        _log.Clear();
        await _services.GetTestHarness().Bus.Publish(
            message,
            context =>
            {
                context.MessageId = messageId;
                if (timeoutToken is { } token)
                    context.Headers.Set(MessageHeaders.SchedulingTokenId, token.ToString("D"));
            },
            Cancelled);
        await _log.Consumed(messageId).WaitAsync(Messaging.Eventually.Patience, Cancelled);
        return [.. _log.Published().Where(published => !ReferenceEquals(published, message))];
    }
}
