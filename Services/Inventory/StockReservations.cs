using Microsoft.EntityFrameworkCore;

namespace Shop.Inventory;

/// <summary>
/// Reserves, commits and releases an order's stock. Each step may be asked for again, too late or too early: what was decided once stays
/// decided, and is answered again. Runs inside the caller's transaction.
/// </summary>
public sealed class StockReservations(InventoryDbContext database, TimeProvider clock)
{
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
            : await LockStockAsync(reservation.Lines, cancellationToken);
        if (reservation.Status is ReservationStatus.Held)
        {
            foreach (var line in reservation.Lines)
                stock[line.ProductId].TakeHeld(line.Quantity);
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

        var stock = await LockStockAsync(reservation.Lines, cancellationToken);
        foreach (var line in reservation.Lines)
            stock[line.ProductId].Unhold(line.Quantity);
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
            var stock = await LockStockAsync(reservation.Lines, cancellationToken);
            foreach (var line in reservation.Lines)
            {
                if (reservation.Status is ReservationStatus.Held)
                    stock[line.ProductId].Unhold(line.Quantity);
                else
                    stock[line.ProductId].Return(line.Quantity);
            }
        }

        reservation.Status = ReservationStatus.Released;
    }

    /// <summary>Holds a reservation's lines, all or none.</summary>
    private async Task<Dictionary<Guid, StockItem>> TryHoldAsync(Reservation reservation, CancellationToken cancellationToken)
    {
        var stock = await LockStockAsync(reservation.Lines, cancellationToken);
        reservation.Shortages =
            [.. reservation.Lines
                .Select(line => new StockShortage(line.ProductId, line.Quantity, stock.GetValueOrDefault(line.ProductId)?.Available ?? 0))
                .Where(line => line.Available < line.Requested)];
        reservation.Status = reservation.Shortages.Count == 0 ? ReservationStatus.Held : ReservationStatus.Refused;
        if (reservation.Status is ReservationStatus.Held)
        {
            foreach (var line in reservation.Lines)
                stock[line.ProductId].Hold(line.Quantity);
        }

        return stock;
    }

    /// <summary>The order's reservation, locked: two messages for one order follow each other.</summary>
    private Task<Reservation?> FindAsync(Guid orderId, CancellationToken cancellationToken) =>
        database.Reservations.FromSql($"SELECT * FROM reservations WHERE order_id = {orderId} FOR UPDATE").SingleOrDefaultAsync(cancellationToken);

    /// <summary>Locks the rows in the order of their keys, so that two orders for the same products never wait for each other.</summary>
    private async Task<Dictionary<Guid, StockItem>> LockStockAsync(IEnumerable<StockLine> lines, CancellationToken cancellationToken)
    {
        var products = lines.Select(line => line.ProductId).ToArray();
        return await database.Stock
            .FromSql($"SELECT * FROM stock WHERE product_id = ANY({products}) ORDER BY product_id FOR UPDATE")
            .ToDictionaryAsync(item => item.ProductId, cancellationToken);
    }

    private Reservation Add(Reservation reservation)
    {
        database.Add(reservation);
        return reservation;
    }
}
