using MassTransit;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Shop.Inventory;

internal static class InventoryEndpoints
{
    public static void MapInventory(this IEndpointRouteBuilder endpoints)
    {
        var inventory = endpoints.MapGroup("/api/v1/inventory").WithTags("Inventory");
        inventory.MapGet("/{productId:guid}", GetStock).AllowAnyone();
        inventory.MapPut("/{productId:guid}", SetStock).RequireAdmin();
    }

    private static async Task<Results<Ok<StockResponse>, ProblemHttpResult>> GetStock(
        Guid productId, InventoryDbContext database, CancellationToken cancellationToken) =>
        await database.Stock.FindAsync([productId], cancellationToken) is { } item
            ? TypedResults.Ok(StockResponse.From(item))
            : Problems.NotFound($"There is no stock of product {productId}.");

    private static async Task<Results<Ok<StockResponse>, ProblemHttpResult>> SetStock(
        Guid productId,
        SetStockRequest request,
        InventoryDbContext database,
        IPublishEndpoint publisher,
        TimeProvider clock,
        CancellationToken cancellationToken)
    {
        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
        var item = await database.Stock
            .FromSql($"SELECT * FROM stock WHERE product_id = {productId} FOR UPDATE")
            .SingleOrDefaultAsync(cancellationToken);
        if (request.OnHand < item?.Held)
            return Problems.Conflict($"{item.Held} pieces are held for orders: on hand cannot be less.");

        item = database.Adjust(productId, item, request.OnHand!.Value, clock);
        await publisher.PublishBatch(database.TakeAvailabilityChanges(), cancellationToken);
        await database.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.Ok(StockResponse.From(item));
    }
}
