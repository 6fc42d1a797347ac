using MassTransit;
using Shop.Messaging.Consuming;

namespace Shop.Inventory.Consumers;

/// <summary>Gives each new product its row. All that wait get theirs by one statement, and then nothing is left to do.</summary>
internal sealed class AddToStockConsumer(InventoryDbContext database) : IConsumer<ProductCreated>, IBatchedConsumer<ProductCreated>
{
    public Task LoadAsync(IReadOnlyList<ProductCreated> messages, CancellationToken cancellationToken) =>
        database.AddMissingAsync([.. messages.Select(message => message.ProductId)], cancellationToken);

    public Task Consume(ConsumeContext<ProductCreated> context) => Task.CompletedTask;
}
