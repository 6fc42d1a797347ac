using Microsoft.EntityFrameworkCore;

namespace Shop.Shipping;

/// <summary>
/// Arranges and cancels an order's shipment. Each step may be asked for again, too late or too early: what was decided once stays
/// decided, and is answered again. Runs inside the caller's transaction, under the shipment's row lock.
/// </summary>
public sealed class OrderShipments(ShippingDbContext database, TimeProvider clock)
{
    /// <summary>The order's shipment, arranged now unless it was decided before.</summary>
    public async Task<Shipment> ArrangeAsync(Guid orderId, PostalAddress address, CancellationToken cancellationToken) =>
        await FindAsync(orderId, cancellationToken)
        ?? database.Add(Shipment.Arrange(orderId, address, clock.GetDatabaseNow())).Entity;

    /// <summary>Keeps the order's parcel from leaving, unless it has left. Where none was arranged yet, leaves a mark, so that none will be.</summary>
    public async Task<Shipment> CancelAsync(Guid orderId, CancellationToken cancellationToken)
    {
        var shipment = await FindAsync(orderId, cancellationToken)
            ?? database.Add(Shipment.CancelledBeforeArranged(orderId, clock.GetDatabaseNow())).Entity;
        shipment.Cancel(clock.GetDatabaseNow());
        return shipment;
    }

    private Task<Shipment?> FindAsync(Guid orderId, CancellationToken cancellationToken) =>
        database.Shipments.FromSql($"SELECT * FROM shipments WHERE order_id = {orderId} FOR UPDATE").SingleOrDefaultAsync(cancellationToken);
}
