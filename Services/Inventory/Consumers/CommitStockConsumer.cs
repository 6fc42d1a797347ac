using MassTransit;
using Shop.Messaging.Consuming;

namespace Shop.Inventory.Consumers;

internal sealed class CommitStockConsumer(StockReservations reservations, InventoryDbContext database) : IConsumer<CommitStock>, IBatchedConsumer<CommitStock>
{
    public Task LoadAsync(IReadOnlyList<CommitStock> messages, CancellationToken cancellationToken) =>
        reservations.LockAsync(messages.Select(message => message.OrderId), [], cancellationToken);

    public async Task Consume(ConsumeContext<CommitStock> context)
    {
        var orderId = context.Message.OrderId;
        var reservation = await reservations.CommitAsync(orderId, context.CancellationToken);
        if (reservation?.Status is ReservationStatus.Committed)
            await context.Publish(new StockCommitted(orderId), context.CancellationToken);
        else
            await context.Publish(new StockCommitFailed(orderId, reservation?.Shortages ?? []), context.CancellationToken);
        await context.PublishBatch(database.TakeAvailabilityChanges(), context.CancellationToken);
    }
}
