using Microsoft.EntityFrameworkCore;

namespace Shop.Shipping;

/// <summary>
/// Arranges and cancels an order's shipment. Each step may be asked for again, too late or too early: what was decided once stays
/// decided, and is answered again. Runs inside the caller's transaction, under the shipment's row lock.
/// </summary>
public sealed class OrderShipments(ShippingDbContext database, TimeProvider clock)
{
    // What this transaction has locked; null where there is none.
    private readonly Dictionary<Guid, Shipment?> _shipments = [];

    /// <summary>Locks the shipments of several orders in one statement, in the order of their keys.</summary>
    public async Task LockAsync(Guid[] orderIds, CancellationToken cancellationToken)
    {
        var found = await database.Shipments
            .FromSql($"SELECT * FROM shipments WHERE order_id = ANY({orderIds}) ORDER BY order_id FOR UPDATE")
            .ToDictionaryAsync(shipment => shipment.OrderId, cancellationToken);
        foreach (var orderId in orderIds)
            _shipments[orderId] = found.GetValueOrDefault(orderId);
    }

    /// <summary>The order's shipment, arranged now unless it was decided before.</summary>
    public async Task<Shipment> ArrangeAsync(Guid orderId, PostalAddress address, CancellationToken cancellationToken) =>
        await FindAsync(orderId, cancellationToken)
        ?? Add(Shipment.Arrange(orderId, address, clock.GetDatabaseNow()));

    /// <summary>Keeps the order's parcel from leaving, unless it has left. Where none was arranged yet, leaves a mark, so that none will be.</summary>
    public async Task<Shipment> CancelAsync(Guid orderId, CancellationToken cancellationToken)
    {
        var shipment = await FindAsync(orderId, cancellationToken)
            ?? Add(Shipment.CancelledBeforeArranged(orderId, clock.GetDatabaseNow()));
        shipment.Cancel(clock.GetDatabaseNow());
        return shipment;
    }

    private async Task<Shipment?> FindAsync(Guid orderId, CancellationToken cancellationToken)
    {
        if (!_shipments.ContainsKey(orderId))
            await LockAsync([orderId], cancellationToken);
        return _shipments[orderId];
    }

    private Shipment Add(Shipment shipment)
    {
        database.Add(shipment);
        _shipments[shipment.OrderId] = shipment;
        return shipment;
    }
}
