using MassTransit;
using MassTransit.Saga;
using MassTransit.Testing;
using Microsoft.Extensions.DependencyInjection;
using Shop.Contracts;
using Shop.Orders;
using Shop.Orders.Saga;

namespace Shop.Tests.Orders;

/// <summary>The saga's decisions, on MassTransit's test harness: what it asks for, in which state it waits, how the order ends.</summary>
public sealed class OrderSagaTests : IAsyncLifetime
{
    private readonly ServiceProvider _services = new ServiceCollection()
        .AddSingleton(TimeProvider.System)
        .AddMassTransitTestHarness(TextWriter.Null, bus => bus.AddSagaStateMachine<OrderStateMachine, OrderState>().InMemoryRepository())
        .BuildServiceProvider(validateScopes: true);

    private readonly MessageLog _log = new();
    private readonly Order _order;
    private readonly OrderState _saga;

    public OrderSagaTests()
    {
        _order = SampleOrder.Create();
        _saga = OrderState.Begin(_order);
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private ITestHarness Harness => _services.GetTestHarness();

    public async ValueTask InitializeAsync()
    {
        _services.GetRequiredService<IndexedSagaDictionary<OrderState>>().Add(new SagaInstance<OrderState>(_saga));
        await Harness.Start();
        Harness.Bus.ConnectPublishObserver(_log);
        Harness.Bus.ConnectConsumeObserver(_log);
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    [Fact]
    public async Task Saga_AllGoesWell_AsksForEachStepInTurnAndConfirms()
    {
        await Tell(new OrderSubmitted(_order.Id, _order.UserId, []), saga => saga.ReservingStock);
        var reserve = Asked<ReserveStock>();
        Assert.Equal([new StockLine(_order.Lines[0].ProductId, 2)], reserve.Lines);

        await Tell(new StockReserved(_order.Id), saga => saga.CapturingPayment);
        Assert.Equal(new CapturePayment(_order.Id, 39.98m, "EUR", "tok_visa"), Asked<CapturePayment>());

        await Tell(new PaymentCaptured(_order.Id, 39.98m, "EUR"), saga => saga.CommittingStock);
        Assert.Equal(new CommitStock(_order.Id), Asked<CommitStock>());

        await Tell(new StockCommitted(_order.Id), saga => saga.ArrangingShipment);
        Assert.Equal(new CreateShipment(_order.Id, _order.ShippingAddress), Asked<CreateShipment>());

        await Tell(new ShipmentCreated(_order.Id, Guid.CreateVersion7(), "Harbour Parcel", "HP1"), saga => saga.Confirmed);
        Assert.Equal(new OrderConfirmed(_order.Id, _order.UserId, 39.98m, "EUR"), Asked<OrderConfirmed>());
        Assert.Equal(OrderStatus.Confirmed, _order.Status);
        Assert.Equal(["StockReserved", "PaymentCaptured", "StockCommitted", "ShipmentCreated", "OrderConfirmed"], Steps());
    }

    [Fact]
    public async Task Saga_StockIsShort_CancelsWithTheShortLines()
    {
        await Tell(new OrderSubmitted(_order.Id, _order.UserId, []), saga => saga.ReservingStock);
        StockShortage[] shortages = [new(_order.Lines[0].ProductId, 2, 1)];

        await Tell(new StockReservationFailed(_order.Id, shortages), saga => saga.Cancelled);

        Assert.Equal(new OrderCancelled(_order.Id, _order.UserId, CancellationReasons.OutOfStock), Asked<OrderCancelled>());
        Assert.Equal(OrderStatus.Cancelled, _order.Status);
        Assert.Equal(shortages, _order.Shortages);
        Assert.Empty(_log.Published<ReleaseStock>());
    }

    [Fact]
    public async Task Saga_PaymentIsDeclined_ReleasesStockBeforeItCancels()
    {
        await Reach(saga => saga.CapturingPayment);

        await Tell(new PaymentFailed(_order.Id, "InsufficientFunds"), saga => saga.Cancelling);
        Assert.Equal(new ReleaseStock(_order.Id), Asked<ReleaseStock>());
        Assert.Equal(OrderStatus.Cancelling, _order.Status);

        await Tell(new StockReleased(_order.Id), saga => saga.Cancelled);
        Assert.Equal(new OrderCancelled(_order.Id, _order.UserId, CancellationReasons.PaymentDeclined), Asked<OrderCancelled>());
        Assert.Equal(["StockReserved", "PaymentFailed", "StockReleased", "OrderCancelled"], Steps());
        Assert.Empty(_log.Published<RefundPayment>());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Saga_ShipmentIsRefused_CancelsOnceBothUndosAreAnswered(bool refundFirst)
    {
        await Reach(saga => saga.ArrangingShipment);

        await Tell(new ShipmentFailed(_order.Id, "AddressRefused"), saga => saga.Cancelling);
        Assert.Equal(new RefundPayment(_order.Id), Asked<RefundPayment>());
        Assert.Equal(new ReleaseStock(_order.Id), Asked<ReleaseStock>());

        object[] answers = [new PaymentRefunded(_order.Id, 39.98m), new StockReleased(_order.Id)];
        await Tell(answers[refundFirst ? 0 : 1], saga => saga.Cancelling);
        Assert.Equal(OrderStatus.Cancelling, _order.Status);
        await Tell(answers[refundFirst ? 1 : 0], saga => saga.Cancelled);
        Assert.Equal(CancellationReasons.ShipmentRefused, _order.CancellationReason);
    }

    [Fact]
    public async Task Saga_CommitFails_RefundsAndReleases()
    {
        await Reach(saga => saga.CommittingStock);

        await Tell(new StockCommitFailed(_order.Id, []), saga => saga.Cancelling);

        Assert.Equal(new RefundPayment(_order.Id), Asked<RefundPayment>());
        Assert.Equal(new ReleaseStock(_order.Id), Asked<ReleaseStock>());
        Assert.Equal(CancellationReasons.OutOfStock, _order.CancellationReason);
    }

    [Fact]
    public async Task Saga_EveryMessageRepeated_AsksForNothingTwice()
    {
        await Reach(saga => saga.ArrangingShipment);
        object[] repeated =
        [
            new OrderSubmitted(_order.Id, _order.UserId, []),
            new StockReserved(_order.Id),
            new PaymentCaptured(_order.Id, 39.98m, "EUR"),
            new StockCommitted(_order.Id),
        ];
        foreach (var message in repeated)
            await Tell(message, saga => saga.ArrangingShipment);

        Assert.Single(_log.Published<ReserveStock>());
        Assert.Single(_log.Published<CapturePayment>());
        Assert.Single(_log.Published<CommitStock>());
        Assert.Single(_log.Published<CreateShipment>());
        Assert.Equal(["StockReserved", "PaymentCaptured", "StockCommitted"], Steps());
    }

    [Fact]
    public async Task Saga_Missing_FaultsInsteadOfDiscardingTheMessage()
    {
        var unknown = new StockReserved(Guid.CreateVersion7());

        await Assert.ThrowsAsync<SagaException>(() => Publish(unknown));
    }

    private string[] Steps() => [.. _order.Timeline.Select(entry => entry.Step)];

    /// <summary>Walks the saga along the good way until it waits in a state.</summary>
    private async Task Reach(Func<OrderStateMachine, State> state)
    {
        (object Message, Func<OrderStateMachine, State> Next)[] way =
        [
            (new OrderSubmitted(_order.Id, _order.UserId, []), saga => saga.ReservingStock),
            (new StockReserved(_order.Id), saga => saga.CapturingPayment),
            (new PaymentCaptured(_order.Id, 39.98m, "EUR"), saga => saga.CommittingStock),
            (new StockCommitted(_order.Id), saga => saga.ArrangingShipment),
        ];
        var machine = _services.GetRequiredService<OrderStateMachine>();
        foreach (var (message, next) in way)
        {
            await Tell(message, next);
            if (next(machine) == state(machine))
                return;
        }
    }

    /// <summary>Publishes a message, waits until the saga has taken it, and looks in which state it is.</summary>
    private async Task Tell(object message, Func<OrderStateMachine, State> expected)
    {
        await Publish(message);
        Assert.Equal(expected(_services.GetRequiredService<OrderStateMachine>()).Name, _saga.CurrentState);
    }

    private async Task Publish(object message)
    {
        var messageId = NewId.NextGuid();
        await Harness.Bus.Publish(message, context => context.MessageId = messageId, Cancelled);
        await _log.Consumed(messageId).WaitAsync(TimeSpan.FromSeconds(10), Cancelled);
    }

    private T Asked<T>() => Assert.Single(_log.Published<T>());
}
