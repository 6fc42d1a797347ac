using MassTransit;

namespace Shop.Inventory.Consumers;

internal sealed class ReserveStockConsumer(StockReservations reservations, InventoryDbContext database) : IConsumer<ReserveStock>
{
    public async Task Consume(ConsumeContext<ReserveStock> context)
    {
        var (orderId, lines, holdUntil) = context.Message;
        var reservation = await reservations.ReserveAsync(orderId, lines, holdUntil, context.CancellationToken);
        if (reservation.Status is ReservationStatus.Held or ReservationStatus.Committed)
            await context.Publish(new StockReserved(orderId), context.CancellationToken);
        else
            await context.Publish(new StockReservationFailed(orderId, reservation.Shortages), context.CancellationToken);
        await context.PublishBatch(database.GetAvailabilityChanges(), context.CancellationToken);
    }
}
