using Shop.Inventory;

namespace Shop.Tests.Inventory;

public sealed class StockItemTests
{
    private readonly StockItem _item = new() { ProductId = Guid.CreateVersion7() };

    public StockItemTests() => _item.CountOnHand(10);

    [Fact]
    public void Hold_WhatIsThere_LowersWhatIsAvailable()
    {
        _item.Hold(10);

        Assert.Equal((10, 10, 0), (_item.OnHand, _item.Held, _item.Available));
    }

    [Fact]
    public void Hold_MoreThanIsAvailable_ThrowsAndChangesNothing()
    {
        _item.Hold(6);

        Assert.Throws<InvalidOperationException>(() => _item.Hold(5));
        Assert.Equal((10, 6, 4), (_item.OnHand, _item.Held, _item.Available));
    }

    [Fact]
    public void TakeHeld_AfterAHold_TakesItOffTheShelf()
    {
        _item.Hold(4);
        _item.TakeHeld(4);

        Assert.Equal((6, 0, 6), (_item.OnHand, _item.Held, _item.Available));
    }

    [Fact]
    public void Unhold_WithoutAHold_Throws() => Assert.Throws<InvalidOperationException>(() => _item.Unhold(1));

    [Fact]
    public void CountOnHand_BelowWhatIsHeld_Throws()
    {
        _item.Hold(4);

        Assert.Throws<InvalidOperationException>(() => _item.CountOnHand(3));
    }

    [Fact]
    public void Version_GrowsWithEachChange()
    {
        var before = _item.Version;

        _item.Hold(1);
        _item.Unhold(1);

        Assert.Equal(before + 2, _item.Version);
    }
}
