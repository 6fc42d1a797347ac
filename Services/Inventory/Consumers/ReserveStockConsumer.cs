using MassTransit;
using Shop.Messaging.Consuming;

namespace Shop.Inventory.Consumers;

internal sealed class ReserveStockConsumer(StockReservations reservations, InventoryDbContext database) : IConsumer<ReserveStock>, IBatchedConsumer<ReserveStock>
{
    public Task LoadAsync(IReadOnlyList<ReserveStock> messages, CancellationToken cancellationToken) =>
        reservations.LockAsync(
            messages.Select(message => message.OrderId),
            messages.SelectMany(message => message.Lines).Select(line => line.ProductId),
            cancellationToken);

    public async Task Consume(ConsumeContext<ReserveStock> context)
    {
        var (orderId, lines, holdUntil) = context.Message;
        var reservation = await reservations.ReserveAsync(orderId, lines, holdUntil, context.CancellationToken);
        InventoryMetrics.Reserved(reservation.Status);
        if (reservation.Status is ReservationStatus.Held or ReservationStatus.Committed)
            await context.Publish(new StockReserved(orderId), context.CancellationToken);
        else
            await context.Publish(new StockReservationFailed(orderId, reservation.Shortages), context.CancellationToken);
        await context.PublishBatch(database.TakeAvailabilityChanges(), context.CancellationToken);
    }
}
