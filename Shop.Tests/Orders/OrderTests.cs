using Shop.Contracts;
using Shop.Orders;

namespace Shop.Tests.Orders;

public sealed class OrderTests
{
    [Fact]
    public void Order_Placed_IsPending() => Assert.Equal(OrderStatus.Pending, SampleOrder.Create().Status);

    [Fact]
    public void Confirm_Twice_Throws()
    {
        var order = SampleOrder.Create();
        order.Confirm();

        Assert.Throws<InvalidOperationException>(order.Confirm);
    }

    [Fact]
    public void Cancel_BeforeItsUndoingBegan_Throws() => Assert.Throws<InvalidOperationException>(SampleOrder.Create().Cancel);

    [Fact]
    public void BeginCancelling_Shipped_Throws()
    {
        var order = SampleOrder.Create();
        order.Confirm();
        order.Ship();

        Assert.Throws<InvalidOperationException>(() => order.BeginCancelling(CancellationReasons.OutOfStock));
    }

    [Fact]
    public void Cancel_AfterItsUndoing_KeepsReasonAndShortages()
    {
        var order = SampleOrder.Create();
        StockShortage[] shortages = [new(Guid.CreateVersion7(), 2, 1)];

        order.BeginCancelling(CancellationReasons.OutOfStock, shortages);
        order.Cancel();

        Assert.Equal(OrderStatus.Cancelled, order.Status);
        Assert.Equal(CancellationReasons.OutOfStock, order.CancellationReason);
        Assert.Equal(shortages, order.Shortages);
    }

    [Fact]
    public void Record_Always_TakesTheStatusOfTheMoment()
    {
        var order = SampleOrder.Create();

        order.Record("StockReserved", DateTimeOffset.UnixEpoch);
        order.Confirm();
        order.Record("OrderConfirmed", DateTimeOffset.UnixEpoch.AddSeconds(1), "by post");

        Assert.Collection(
            order.Timeline,
            first => Assert.Equal((OrderStatus.Pending, "StockReserved", null), (first.Status, first.Step, first.Detail)),
            second => Assert.Equal((OrderStatus.Confirmed, "OrderConfirmed", "by post"), (second.Status, second.Step, second.Detail)));
    }
}
