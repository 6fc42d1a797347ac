using Microsoft.EntityFrameworkCore;

namespace Shop.Inventory;

/// <summary>What a new shop has on its shelves: <see cref="Pieces"/> of each product of catalogue.csv, which belongs to Products.</summary>
internal static class SeedStock
{
    public const int Pieces = 1000;

    public static async Task AddAsync(InventoryDbContext database, CancellationToken cancellationToken)
    {
        if (await database.Stock.AnyAsync(cancellationToken))
            return;

        using var file = new StreamReader(typeof(SeedStock).Assembly.GetManifestResourceStream("catalogue.csv")!);
        await file.ReadLineAsync(cancellationToken); // the header
        while (await file.ReadLineAsync(cancellationToken) is { } line)
            database.Adjust(Guid.Parse(line.Split(';')[0]), item: null, Pieces, TimeProvider.System);
        await database.SaveChangesAsync(cancellationToken);
    }

    /// <summary>Makes stock rows, with nothing on hand, for products that have none. Whoever else does so at the same time is waited for.</summary>
    public static Task AddMissingAsync(this InventoryDbContext database, Guid[] productIds, CancellationToken cancellationToken) =>
        database.Database.ExecuteSqlAsync(
            $"""
             INSERT INTO stock (product_id, on_hand, held, version)
             SELECT id, 0, 0, 0 FROM unnest({productIds}) AS id ORDER BY id
             ON CONFLICT DO NOTHING
             """,
            cancellationToken);

    /// <summary>Sets what is on hand, with its ledger row. A product that had no stock gets some.</summary>
    public static StockItem Adjust(this InventoryDbContext database, Guid productId, StockItem? item, int onHand, TimeProvider clock)
    {
        item ??= database.Add(new StockItem { ProductId = productId }).Entity;
        database.Add(new StockAdjustment { ProductId = productId, Quantity = onHand - item.OnHand, At = clock.GetDatabaseNow() });
        item.CountOnHand(onHand);
        return item;
    }
}
