using Microsoft.EntityFrameworkCore;

namespace Shop.Inventory;

/// <summary>The database <c>inventorydb</c>.</summary>
public sealed class InventoryDbContext(DbContextOptions<InventoryDbContext> options) : DbContext(options)
{
    /// <summary>Stock by product.</summary>
    public DbSet<StockItem> Stock => Set<StockItem>();

    /// <summary>The ledger: the sum of a product's adjustments is what is on hand plus what orders took.</summary>
    public DbSet<StockAdjustment> Adjustments => Set<StockAdjustment>();

    /// <summary>Reservations by order.</summary>
    public DbSet<Reservation> Reservations => Set<Reservation>();

    /// <summary>The products that the unsaved changes have sold out or made available again, each change once.</summary>
    public List<ProductAvailabilityChanged> TakeAvailabilityChanges() =>
        [.. Stock.Local
            .Where(item => item.TakeAvailabilityChange())
            .Select(item => new ProductAvailabilityChanged(item.ProductId, item.Available > 0, item.Version))];

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.AddDurableMessaging();

        var stock = modelBuilder.Entity<StockItem>().ToTable("stock", table =>
            table.HasCheckConstraint("ck_stock_held", "0 <= held AND held <= on_hand"));
        stock.HasKey(item => item.ProductId);
        stock.Property(item => item.ProductId).ValueGeneratedNever();

        var adjustment = modelBuilder.Entity<StockAdjustment>().ToTable("stock_adjustments");
        adjustment.Property(a => a.Id).ValueGeneratedNever();
        adjustment.HasIndex(a => a.ProductId);

        var reservation = modelBuilder.Entity<Reservation>();
        reservation.HasKey(r => r.OrderId);
        reservation.Property(r => r.OrderId).ValueGeneratedNever();
        reservation.Property(r => r.Status).HasConversion<string>();
        reservation.HasIndex(r => r.HoldUntil).HasFilter("status = 'Held'");
        reservation.Property(r => r.Lines).HasJsonColumn();
        reservation.Property(r => r.Shortages).HasJsonColumn();
    }
}
