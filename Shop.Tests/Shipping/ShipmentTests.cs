using Shop.Contracts;
using Shop.Shipping;

namespace Shop.Tests.Shipping;

public sealed class ShipmentTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Theory]
    [InlineData("2611", ShipmentStatus.Created)]
    [InlineData("00000", ShipmentStatus.Refused)]
    public void Arrange_AnyAddress_IsAsTheCarrierDecides(string postalCode, ShipmentStatus expected)
    {
        var shipment = Arrange(postalCode);

        Assert.Equal(expected, shipment.Status);
        Assert.Equal([new ShipmentEvent(Now, expected)], shipment.History);
    }

    [Fact]
    public void TryAdvance_StepByStep_ReachesTheCustomer()
    {
        var shipment = Arrange();

        Assert.True(shipment.TryAdvance(ShipmentStatus.Dispatched, Now));
        Assert.True(shipment.TryAdvance(ShipmentStatus.Delivered, Now));
        Assert.Equal(
            [ShipmentStatus.Created, ShipmentStatus.Dispatched, ShipmentStatus.Delivered], shipment.History.Select(entry => entry.Status));
    }

    [Theory]
    [InlineData(ShipmentStatus.Delivered)]
    [InlineData(ShipmentStatus.Created)]
    [InlineData(ShipmentStatus.Cancelled)]
    public void TryAdvance_NotTheNextStep_ChangesNothing(ShipmentStatus step)
    {
        var shipment = Arrange();

        Assert.False(shipment.TryAdvance(step, Now));
        Assert.Equal(ShipmentStatus.Created, shipment.Status);
    }

    [Fact]
    public void Cancel_WaitingForTheCarrier_KeepsTheParcel()
    {
        var shipment = Arrange();

        shipment.Cancel(Now);
        shipment.Cancel(Now);

        Assert.Equal((ShipmentStatus.Cancelled, false, 2), (shipment.Status, shipment.HasLeft, shipment.History.Count));
        Assert.False(shipment.TryAdvance(ShipmentStatus.Dispatched, Now));
    }

    [Fact]
    public void Cancel_Dispatched_ComesTooLate()
    {
        var shipment = Arrange();
        shipment.TryAdvance(ShipmentStatus.Dispatched, Now);

        shipment.Cancel(Now);

        Assert.Equal((ShipmentStatus.Dispatched, true), (shipment.Status, shipment.HasLeft));
    }

    private static Shipment Arrange(string postalCode = "2611") =>
        Shipment.Arrange(Guid.CreateVersion7(), new PostalAddress("Ann Lee", "Kade 1", null, "Delft", postalCode, "NL"), Now);
}
