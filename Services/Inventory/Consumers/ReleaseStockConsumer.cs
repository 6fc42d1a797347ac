using MassTransit;
using Shop.Messaging.Consuming;

namespace Shop.Inventory.Consumers;

internal sealed class ReleaseStockConsumer(StockReservations reservations, InventoryDbContext database) : IConsumer<ReleaseStock>, IBatchedConsumer<ReleaseStock>
{
    public Task LoadAsync(IReadOnlyList<ReleaseStock> messages, CancellationToken cancellationToken) =>
        reservations.LockAsync(messages.Select(message => message.OrderId), [], cancellationToken);

    public async Task Consume(ConsumeContext<ReleaseStock> context)
    {
        var orderId = context.Message.OrderId;
        await reservations.ReleaseAsync(orderId, context.CancellationToken);
        await context.Publish(new StockReleased(orderId), context.CancellationToken);
        await context.PublishBatch(database.TakeAvailabilityChanges(), context.CancellationToken);
    }
}
