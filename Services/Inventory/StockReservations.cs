using Microsoft.EntityFrameworkCore;

namespace Shop.Inventory;

/// <summary>
/// Reserves, commits and releases an order's stock. Each step may be asked for again, too late or too early: what was decided once stays
/// decided, and is answered again. Runs inside the caller's transaction.
/// </summary>
public sealed class StockReservations(InventoryDbContext database, TimeProvider clock)
{
    // What this transaction has locked; null where there is none.
    private readonly Dictionary<Guid, Reservation?> _reservations = [];
    private readonly Dictionary<Guid, StockItem?> _stock = [];

    /// <summary>
    /// Locks the reservations of several orders and the stock of their lines, in two statements. First the one, then the other, each in
    /// the order of its keys: so two transactions never wait for each other.
    /// </summary>
    /// <param name="orderIds">The orders.</param>
    /// <param name="products">Further products, of orders that have no reservation yet.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task LockAsync(IEnumerable<Guid> orderIds, IEnumerable<Guid> products, CancellationToken cancellationToken)
    {
        await LockReservationsAsync([.. orderIds.Distinct()], cancellationToken);
        var reserved = _reservations.Values.OfType<Reservation>().SelectMany(reservation => reservation.Lines).Select(line => line.ProductId);
        await LockStockAsync(products.Concat(reserved), cancellationToken);
    }

    /// <summary>Holds all lines or none; an order that was decided before keeps its decision, except that a lapsed hold may be had again.</summary>
    public async Task<Reservation> ReserveAsync(
        Guid orderId, IReadOnlyList<StockLine> lines, DateTimeOffset holdUntil, CancellationToken cancellationToken)
    {
        var reservation = await FindAsync(orderId, cancellationToken);
        if (reservation is { Status: not ReservationStatus.Expired })
            return reservation;

        reservation ??= Add(new Reservation
        {
            OrderId = orderId,
            Status = ReservationStatus.Expired,
            Lines = [.. lines.GroupBy(line => line.ProductId).Select(same => new StockLine(same.Key, same.Sum(line => line.Quantity)))],
            CreatedAt = clock.GetDatabaseNow(),
        });
        reservation.HoldUntil = holdUntil;
        await TryHoldAsync(reservation, cancellationToken);
        return reservation;
    }

    /// <summary>
    /// Takes an order's held pieces off the shelf; a lapsed hold is had again first, or the reservation is refused. Null where nothing
    /// was ever reserved for the order.
    /// </summary>
    public async Task<Reservation?> CommitAsync(Guid orderId, CancellationToken cancellationToken)
    {
        var reservation = await FindAsync(orderId, cancellationToken);
        if (reservation?.Status is not (ReservationStatus.Held or ReservationStatus.Expired))
            return reservation;

        var stock = reservation.Status is ReservationStatus.Expired
            ? await TryHoldAsync(reservation, cancellationToken)
            : await LockStockAsync(reservation, cancellationToken);
        if (reservation.Status is ReservationStatus.Held)
        {
            foreach (var line in reservation.Lines)
                stock[line.ProductId]!.TakeHeld(line.Quantity);
            reservation.Status = ReservationStatus.Committed;
        }

        return reservation;
    }

    /// <summary>Gives a lapsed hold back. Committed stock is never touched.</summary>
    public async Task ExpireAsync(Guid orderId, CancellationToken cancellationToken)
    {
        var reservation = await FindAsync(orderId, cancellationToken);
        if (reservation?.Status is not ReservationStatus.Held || reservation.HoldUntil > clock.GetUtcNow())
            return;

        var stock = await LockStockAsync(reservation, cancellationToken);
        foreach (var line in reservation.Lines)
            stock[line.ProductId]!.Unhold(line.Quantity);
        reservation.Status = ReservationStatus.Expired;
    }

    /// <summary>
    /// Undoes whatever the order reserved or committed. Where it has done neither, leaves a mark, so that a reservation that arrives
    /// later is refused.
    /// </summary>
    public async Task ReleaseAsync(Guid orderId, CancellationToken cancellationToken)
    {
        var reservation = await FindAsync(orderId, cancellationToken)
            ?? Add(new Reservation { OrderId = orderId, Status = ReservationStatus.Refused, CreatedAt = clock.GetDatabaseNow() });
        if (reservation.Status is ReservationStatus.Held or ReservationStatus.Committed)
        {
            var stock = await LockStockAsync(reservation, cancellationToken);
            foreach (var line in reservation.Lines)
            {
                if (reservation.Status is ReservationStatus.Held)
                    stock[line.ProductId]!.Unhold(line.Quantity);
                else
                    stock[line.ProductId]!.Return(line.Quantity);
            }
        }

        reservation.Status = ReservationStatus.Released;
    }

    /// <summary>Holds a reservation's lines, all or none.</summary>
    private async Task<Dictionary<Guid, StockItem?>> TryHoldAsync(Reservation reservation, CancellationToken cancellationToken)
    {
        var stock = await LockStockAsync(reservation, cancellationToken);
        reservation.Shortages =
            [.. reservation.Lines
                .Select(line => new StockShortage(line.ProductId, line.Quantity, stock.GetValueOrDefault(line.ProductId)?.Available ?? 0))
                .Where(line => line.Available < line.Requested)];
        reservation.Status = reservation.Shortages.Count == 0 ? ReservationStatus.Held : ReservationStatus.Refused;
        if (reservation.Status is ReservationStatus.Held)
        {
            foreach (var line in reservation.Lines)
                stock[line.ProductId]!.Hold(line.Quantity);
        }

        return stock;
    }

    /// <summary>The order's reservation, locked: two messages for one order follow each other.</summary>
    private async Task<Reservation?> FindAsync(Guid orderId, CancellationToken cancellationToken)
    {
        if (!_reservations.ContainsKey(orderId))
            await LockReservationsAsync([orderId], cancellationToken);
        return _reservations[orderId];
    }

    private async Task LockReservationsAsync(Guid[] orderIds, CancellationToken cancellationToken)
    {
        var found = await database.Reservations
            .FromSql($"SELECT * FROM reservations WHERE order_id = ANY({orderIds}) ORDER BY order_id FOR UPDATE")
            .ToDictionaryAsync(reservation => reservation.OrderId, cancellationToken);
        foreach (var orderId in orderIds)
            _reservations[orderId] = found.GetValueOrDefault(orderId);
    }

    private async Task<Dictionary<Guid, StockItem?>> LockStockAsync(Reservation reservation, CancellationToken cancellationToken)
    {
        await LockStockAsync(reservation.Lines.Select(line => line.ProductId), cancellationToken);
        return _stock;
    }

    private async Task LockStockAsync(IEnumerable<Guid> productIds, CancellationToken cancellationToken)
    {
        Guid[] products = [.. productIds.Where(product => !_stock.ContainsKey(product)).Distinct()];
        if (products.Length == 0)
            return;

        var found = await database.Stock
            .FromSql($"SELECT * FROM stock WHERE product_id = ANY({products}) ORDER BY product_id FOR UPDATE")
            .ToDictionaryAsync(item => item.ProductId, cancellationToken);
        foreach (var product in products)
            _stock[product] = found.GetValueOrDefault(product);
    }

    private Reservation Add(Reservation reservation)
    {
        database.Add(reservation);
        _reservations[reservation.OrderId] = reservation;
        return reservation;
    }
}
