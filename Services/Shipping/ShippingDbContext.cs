using Microsoft.EntityFrameworkCore;

namespace Shop.Shipping;

/// <summary>The database <c>shippingdb</c>.</summary>
public sealed class ShippingDbContext(DbContextOptions<ShippingDbContext> options) : DbContext(options)
{
    /// <summary>All parcels, refused and cancelled ones too.</summary>
    public DbSet<Shipment> Shipments => Set<Shipment>();

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.AddDurableMessaging();

        var shipment = modelBuilder.Entity<Shipment>();
        shipment.Property(s => s.Id).ValueGeneratedNever();
        shipment.HasIndex(s => s.OrderId).IsUnique();
        shipment.Property(s => s.Status).HasConversion<string>();
        shipment.Property(s => s.Address).HasJsonColumn();
        shipment.Property(s => s.History).HasJsonColumn();
    }
}
