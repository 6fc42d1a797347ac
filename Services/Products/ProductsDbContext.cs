using Microsoft.EntityFrameworkCore;

namespace Shop.Products;

/// <summary>The database <c>productsdb</c>.</summary>
public sealed class ProductsDbContext(DbContextOptions<ProductsDbContext> options) : DbContext(options)
{
    /// <summary>The catalogue.</summary>
    public DbSet<Product> Products => Set<Product>();

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.AddDurableMessaging();

        var product = modelBuilder.Entity<Product>();
        product.Property(p => p.Id).ValueGeneratedNever();
        product.Property(p => p.Price).HasPrecision(18, 2);
        product.HasIndex(p => p.Category);
    }
}
