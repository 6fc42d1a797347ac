using MassTransit;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Shop.Products.Grpc;

namespace Shop.Inventory;

internal static class InventoryEndpoints
{
    /// <summary>How long Products may take to say whether there is a product.</summary>
    private static readonly TimeSpan ProductTimeout = TimeSpan.FromSeconds(3);

    public static void MapInventory(this IEndpointRouteBuilder endpoints)
    {
        var inventory = endpoints.MapGroup("/api/v1/inventory").WithTags("Inventory");
        inventory.MapGet("/", ListStock).AllowAnyone();
        inventory.MapGet("/{productId:guid}", GetStock).AllowAnyone();
        inventory.MapPut("/{productId:guid}", SetStock).RequireAdmin().ProducesProblem(StatusCodes.Status409Conflict);
    }

    /// <summary>Stock product by product; of certain products, where they are named.</summary>
    private static async Task<Ok<Page<StockResponse>>> ListStock(
        [AsParameters] PageRequest page,
        [FromQuery(Name = "productId")] Guid[] productIds,
        InventoryDbContext database,
        CancellationToken cancellationToken)
    {
        var stock = database.Stock.AsNoTracking().Where(item => item.ProductId < page.Before);
        if (productIds.Length > 0)
            stock = stock.Where(item => productIds.Contains(item.ProductId));
        var found = await stock.OrderByDescending(item => item.ProductId).Take(page.Take).ToListAsync(cancellationToken);
        return TypedResults.Ok(page.ToPage([.. found.Select(StockResponse.From)], item => item.ProductId));
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
        ProductService.ProductServiceClient products,
        IPublishEndpoint publisher,
        TimeProvider clock,
        CancellationToken cancellationToken)
    {
        // Inventory hears of new products a moment later, and never of those that are sold no more.
        var known = await products.GetProductsAsync(
            new GetProductsRequest { ProductIds = { productId.ToString() } }, deadline: DateTime.UtcNow + ProductTimeout, cancellationToken: cancellationToken);
        if (known.Products.Count == 0)
            return Problems.NotFound($"There is no product {productId}.");

        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
        await database.AddMissingAsync([productId], cancellationToken); // of a product so new that Inventory has not heard of it
        var item = await database.Stock
            .FromSql($"SELECT * FROM stock WHERE product_id = {productId} FOR UPDATE")
            .SingleAsync(cancellationToken);
        if (request.OnHand < item.Held)
            return Problems.Conflict($"{item.Held} pieces are held for orders: on hand cannot be less.");

        database.Adjust(productId, item, request.OnHand!.Value, clock);
        await publisher.PublishBatch(database.TakeAvailabilityChanges(), cancellationToken);
        await database.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.Ok(StockResponse.From(item));
    }
}
