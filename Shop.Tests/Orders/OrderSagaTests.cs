using MassTransit;
using Shop.Contracts;
using Shop.Orders;
using Shop.Orders.Saga;

namespace Shop.Tests.Orders;

/// <summary>The saga's decisions: what it asks for, in which state it waits, how the order ends.</summary>
public sealed class OrderSagaTests : IClassFixture<SagaHarness>
{
    private readonly SagaHarness _harness;
    private readonly OrderState _saga;
    private readonly Order _order;

    public OrderSagaTests(SagaHarness harness)
    {
        _harness = harness;
        _saga = harness.Begin();
        _order = _saga.Order;
    }

    private Guid Id => _order.Id;

    [Fact]
    public async Task Saga_AllGoesWell_AsksForEachStepInTurnAndConfirms()
    {
        var reserve = Assert.IsType<ReserveStock>(Assert.Single(await Tell(new OrderSubmitted(Id, _order.UserId, []), "ReservingStock")));
        Assert.Equal([new StockLine(_order.Lines[0].ProductId, 2)], reserve.Lines);
        // However old the order is by now.
        Assert.True(reserve.HoldUntil > DateTimeOffset.UtcNow, $"The hold has lapsed before it is asked for: {reserve.HoldUntil}.");
        Assert.Equal([new CapturePayment(Id, 39.98m, "EUR", "tok_visa")], await Tell(new StockReserved(Id), "CapturingPayment"));
        Assert.Equal([new CommitStock(Id)], await Tell(new PaymentCaptured(Id, 39.98m, "EUR"), "CommittingStock"));
        Assert.Equal([new CreateShipment(Id, _order.ShippingAddress)], await Tell(new StockCommitted(Id), "ArrangingShipment"));
        Assert.Equal([new OrderConfirmed(Id, _order.UserId, 39.98m, "EUR")], await Tell(Created, "Confirmed"));
        Assert.Equal([new OrderShipped(Id, _order.UserId)], await Tell(new ShipmentDispatched(Id), "Shipped"));
        Assert.Equal([new OrderDelivered(Id, _order.UserId)], await Tell(new ShipmentDelivered(Id), "Delivered"));

        Assert.Equal(OrderStatus.Delivered, _order.Status);
        Assert.Equal(
            ["StockReserved", "PaymentCaptured", "StockCommitted", "ShipmentCreated", "OrderConfirmed", "ShipmentDispatched", "ShipmentDelivered"],
            Steps());
        Assert.Null(_saga.TimeoutToken);
    }

    [Fact]
    public async Task Saga_StockIsShort_CancelsWithTheShortLines()
    {
        await Reach("ReservingStock");
        StockShortage[] shortages = [new(_order.Lines[0].ProductId, 2, 1)];

        var published = await Tell(new StockReservationFailed(Id, shortages), "Cancelled");

        Assert.Equal([new OrderCancelled(Id, _order.UserId, CancellationReasons.OutOfStock)], published);
        Assert.Equal(OrderStatus.Cancelled, _order.Status);
        Assert.Equal(shortages, _order.Shortages);
    }

    [Fact]
    public async Task Saga_PaymentIsDeclined_ReleasesStockBeforeItCancels()
    {
        await Reach("CapturingPayment");

        Assert.Equal([new ReleaseStock(Id)], await Tell(new PaymentFailed(Id, "InsufficientFunds"), "Cancelling"));
        Assert.Equal(OrderStatus.Cancelling, _order.Status);
        Assert.Equal(
            [new OrderCancelled(Id, _order.UserId, CancellationReasons.PaymentDeclined)], await Tell(new StockReleased(Id), "Cancelled"));
        Assert.Equal(["StockReserved", "PaymentFailed", "StockReleased", "OrderCancelled"], Steps());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Saga_ShipmentIsRefused_CancelsOnceBothUndosAreAnswered(bool refundFirst)
    {
        await Reach("ArrangingShipment");

        Assert.Equal([new RefundPayment(Id), new ReleaseStock(Id)], await Tell(new ShipmentFailed(Id, "AddressRefused"), "Cancelling"));

        object[] answers = [new PaymentRefunded(Id, 39.98m), new StockReleased(Id)];
        Assert.Empty(await Tell(answers[refundFirst ? 0 : 1], "Cancelling"));
        Assert.Equal(
            [new OrderCancelled(Id, _order.UserId, CancellationReasons.ShipmentRefused)], await Tell(answers[refundFirst ? 1 : 0], "Cancelled"));
    }

    [Fact]
    public async Task Saga_CommitFails_RefundsAndReleases()
    {
        await Reach("CommittingStock");

        Assert.Equal([new RefundPayment(Id), new ReleaseStock(Id)], await Tell(new StockCommitFailed(Id, []), "Cancelling"));
        Assert.Equal(CancellationReasons.OutOfStock, _order.CancellationReason);
    }

    public static TheoryData<string, object[]> UndoByState => new()
    {
        { "ReservingStock", [nameof(ReleaseStock)] },
        { "CapturingPayment", [nameof(RefundPayment), nameof(ReleaseStock)] },
        { "CommittingStock", [nameof(RefundPayment), nameof(ReleaseStock)] },
    };

    [Theory]
    [MemberData(nameof(UndoByState))]
    public async Task Saga_CancelledWhileItWaits_UndoesAllItAskedFor(string state, object[] undo)
    {
        await Reach(state);

        var published = await Tell(new CancelOrder(Id), "Cancelling");

        Assert.Equal(undo, published.Select(message => message.GetType().Name));
        Assert.Equal(CancellationReasons.Requested, _order.CancellationReason);
    }

    [Theory]
    [MemberData(nameof(UndoByState))]
    public async Task Saga_NotAnswered_AsksOnceMoreAndThenUndoesAllItAskedFor(string state, object[] undo)
    {
        await Reach(state);

        var again = await TimeOut(state);
        Assert.Single(again);
        var published = await TimeOut("Cancelling");

        Assert.Equal(undo, published.Select(message => message.GetType().Name));
        Assert.Equal(CancellationReasons.TimedOut, _order.CancellationReason);
    }

    [Fact]
    public async Task Saga_CancelledBeforeItBegan_EndsAtOnceAndIgnoresItsBeginning()
    {
        Assert.Equal(
            [new OrderCancelled(Id, _order.UserId, CancellationReasons.Requested)], await Tell(new CancelOrder(Id), "Cancelled"));
        Assert.Empty(await Tell(new OrderSubmitted(Id, _order.UserId, []), "Cancelled"));
    }

    [Theory]
    [InlineData("ArrangingShipment")]
    [InlineData("Confirmed")]
    public async Task Saga_CancelledWhereAParcelMayExist_MovesNothingBeforeShippingHasDecided(string state)
    {
        await Reach(state);

        Assert.Equal([new CancelShipment(Id)], await Tell(new CancelOrder(Id), "CancellingShipment"));
        Assert.Equal([new RefundPayment(Id), new ReleaseStock(Id)], await Tell(new ShipmentCancelled(Id), "Cancelling"));
    }

    [Theory]
    [InlineData("ArrangingShipment", true)]
    [InlineData("Confirmed", false)]
    public async Task Saga_CancelledTooLate_ShipsAndConfirmsIfItHadNot(string state, bool confirms)
    {
        await Reach(state);
        await Tell(new CancelOrder(Id), "CancellingShipment");

        var published = await Tell(new ShipmentCancelRefused(Id), "Shipped");

        Assert.Equal(confirms, published.OfType<OrderConfirmed>().Any());
        Assert.Single(published.OfType<OrderShipped>());
        Assert.Contains("CancellationRefused", Steps());
        Assert.Equal(OrderStatus.Shipped, _order.Status);
    }

    [Fact]
    public async Task Saga_DeliveryOvertakesItsConfirmation_TellsEachOnce()
    {
        await Reach("ArrangingShipment");

        var published = await Tell(new ShipmentDelivered(Id), "Delivered");

        Assert.Equal(
            [nameof(OrderConfirmed), nameof(OrderShipped), nameof(OrderDelivered)], published.Select(message => message.GetType().Name));
        Assert.Empty(await Tell(new ShipmentDispatched(Id), "Delivered"));
        Assert.Empty(await Tell(Created, "Delivered"));
    }

    [Fact]
    public async Task Saga_UndoNotAnswered_RepeatsOnlyWhatIsMissingWithoutEnd()
    {
        await Reach("CommittingStock");
        await Tell(new CancelOrder(Id), "Cancelling");
        await Tell(new StockReleased(Id), "Cancelling");

        for (var i = 0; i < 8; i++)
            Assert.Equal([new RefundPayment(Id)], await TimeOut("Cancelling"));

        Assert.Equal(8, _saga.Repeats);
        await Tell(new PaymentRefunded(Id, 0), "Cancelled");
    }

    [Fact]
    public async Task Saga_StaleTimeout_ChangesNothing()
    {
        await Reach("ReservingStock");
        var stale = _saga.TimeoutToken;
        await Tell(new StockReserved(Id), "CapturingPayment");

        Assert.Empty(await _harness.Tell(new StepTimedOut(Id), stale));

        Assert.Equal(("CapturingPayment", 0), (_saga.CurrentState, _saga.Repeats));
    }

    [Fact]
    public async Task Saga_Missing_FaultsInsteadOfDiscardingTheMessage() =>
        await Assert.ThrowsAsync<SagaException>(() => _harness.Tell(new StockReserved(Guid.CreateVersion7())));

    private ShipmentCreated Created => new(Id, Guid.CreateVersion7(), "Harbour Parcel", "HP1");

    private string[] Steps() => [.. _order.Timeline.Select(entry => entry.Step)];

    /// <summary>Tells the saga a message, and looks in which state it is afterwards.</summary>
    private async Task<IReadOnlyList<object>> Tell(object message, string expectedState)
    {
        var published = await _harness.Tell(message);
        Assert.Equal(expectedState, _saga.CurrentState);
        return published;
    }

    private async Task<IReadOnlyList<object>> TimeOut(string expectedState)
    {
        Assert.NotNull(_saga.TimeoutToken);
        var published = await _harness.Tell(new StepTimedOut(Id), _saga.TimeoutToken);
        Assert.Equal(expectedState, _saga.CurrentState);
        return published;
    }

    /// <summary>Walks along the good way until the saga is in a state.</summary>
    private async Task Reach(string state)
    {
        object[] way =
        [
            new OrderSubmitted(Id, _order.UserId, []), new StockReserved(Id), new PaymentCaptured(Id, 39.98m, "EUR"), new StockCommitted(Id), Created,
        ];
        foreach (var message in way)
        {
            await _harness.Tell(message);
            if (_saga.CurrentState == state)
                return;
        }

        Assert.Fail($"The good way does not lead through {state}.");
    }
}
