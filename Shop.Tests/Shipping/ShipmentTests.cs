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
        var shipment = Shipment.Arrange(Guid.CreateVersion7(), new PostalAddress("Ann Lee", "Kade 1", null, "Delft", postalCode, "NL"), Now);

        Assert.Equal(expected, shipment.Status);
        Assert.Equal([new ShipmentEvent(Now, expected)], shipment.History);
    }
}
