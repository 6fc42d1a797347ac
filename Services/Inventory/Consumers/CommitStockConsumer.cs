using MassTransit;

namespace Shop.Inventory.Consumers;

internal sealed class CommitStockConsumer(StockReservations reservations, InventoryDbContext database) : IConsumer<CommitStock>
{
    public async Task Consume(ConsumeContext<CommitStock> context)
    {
        var orderId = context.Message.OrderId;
        var reservation = await reservations.CommitAsync(orderId, context.CancellationToken);
        if (reservation?.Status is ReservationStatus.Committed)
            await context.Publish(new StockCommitted(orderId), context.CancellationToken);
        else
            await context.Publish(new StockCommitFailed(orderId, reservation?.Shortages ?? []), context.CancellationToken);
        await context.PublishBatch(database.GetAvailabilityChanges(), context.CancellationToken);
    }
}
