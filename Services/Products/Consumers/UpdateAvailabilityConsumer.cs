using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace Shop.Products.Consumers;

/// <summary>Keeps Products' own copy of what Inventory knows; a fact that was overtaken by a newer one changes nothing.</summary>
internal sealed class UpdateAvailabilityConsumer(ProductsDbContext database) : IConsumer<ProductAvailabilityChanged>
{
    public Task Consume(ConsumeContext<ProductAvailabilityChanged> context)
    {
        var change = context.Message;
        return database.Products
            .Where(product => product.Id == change.ProductId && product.AvailabilityVersion < change.Version)
            .ExecuteUpdateAsync(
                product => product
                    .SetProperty(p => p.Available, change.Available)
                    .SetProperty(p => p.AvailabilityVersion, change.Version),
                context.CancellationToken);
    }
}
