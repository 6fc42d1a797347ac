using Microsoft.EntityFrameworkCore;

namespace Shop.Users;

/// <summary>The database <c>usersdb</c>.</summary>
public sealed class UsersDbContext(DbContextOptions<UsersDbContext> options) : DbContext(options)
{
    private const string CaseInsensitive = "case_insensitive";

    /// <summary>All accounts.</summary>
    public DbSet<User> Users => Set<User>();

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.AddDurableMessaging();

        modelBuilder.HasCollation(CaseInsensitive, locale: "und-u-ks-level2", provider: "icu", deterministic: false);
        var user = modelBuilder.Entity<User>();
        user.Property(u => u.Id).ValueGeneratedNever();
        user.Property(u => u.Email).UseCollation(CaseInsensitive);
        user.HasIndex(u => u.Email).IsUnique();
    }
}
