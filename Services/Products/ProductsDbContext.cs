using Microsoft.EntityFrameworkCore;

namespace Shop.Products;

/// <summary>The database <c>productsdb</c>.</summary>
public sealed class ProductsDbContext(DbContextOptions<ProductsDbContext> options) : DbContext(options)
{
    /// <summary>The catalogue, without what has been deleted.</summary>
    public DbSet<Product> Products => Set<Product>();

    /// <summary>The shelves.</summary>
    public DbSet<Category> Categories => Set<Category>();

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.AddDurableMessaging();

        var product = modelBuilder.Entity<Product>();
        product.Property(p => p.Id).ValueGeneratedNever();
        // Sorted as people do, and not by the numbers of the characters, wherever the database was made.
        product.Property(p => p.Name).UseCollation("und-x-icu");
        product.Property(p => p.Price).HasPrecision(18, 2);
        product.Property(p => p.Revision).IsConcurrencyToken();
        product.HasOne(p => p.Category).WithMany().IsRequired().OnDelete(DeleteBehavior.Restrict);
        product.HasQueryFilter(p => p.DeletedAt == null);
        // One for each order of the list, in both directions.
        product.HasIndex(p => new { p.Price, p.Id });
        product.HasIndex(p => new { p.Name, p.Id });

        var category = modelBuilder.Entity<Category>();
        category.Property(c => c.Id).ValueGeneratedNever();
        category.HasIndex(c => c.Name).IsUnique();
    }
}
