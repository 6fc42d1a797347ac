using MassTransit;

namespace Shop.Inventory.Consumers;

internal sealed class ReleaseStockConsumer(StockReservations reservations, InventoryDbContext database) : IConsumer<ReleaseStock>
{
    public async Task Consume(ConsumeContext<ReleaseStock> context)
    {
        var orderId = context.Message.OrderId;
        await reservations.ReleaseAsync(orderId, context.CancellationToken);
        await context.Publish(new StockReleased(orderId), context.CancellationToken);
        await context.PublishBatch(database.GetAvailabilityChanges(), context.CancellationToken);
    }
}
