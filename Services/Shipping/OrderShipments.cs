using Microsoft.EntityFrameworkCore;

namespace Shop.Shipping;

/// <summary>Arranges an order's shipment, once: what was decided stays decided, and is answered again. Runs inside the caller's transaction.</summary>
public sealed class OrderShipments(ShippingDbContext database, TimeProvider clock)
{
    /// <summary>The order's shipment, arranged now unless it was before.</summary>
    public async Task<Shipment> ArrangeAsync(Guid orderId, PostalAddress address, CancellationToken cancellationToken)
    {
        var shipment = await database.Shipments.SingleOrDefaultAsync(shipment => shipment.OrderId == orderId, cancellationToken);
        return shipment ?? database.Add(Shipment.Arrange(orderId, address, clock.GetDatabaseNow())).Entity;
    }
}
