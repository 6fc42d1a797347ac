using Microsoft.EntityFrameworkCore;
using OpenIddict.EntityFrameworkCore.Models;
using Shop.Users.SignIn;

namespace Shop.Users;

/// <summary>The database <c>usersdb</c>: accounts, and what signing in needs: clients, tokens, keys, failed attempts.</summary>
public sealed class UsersDbContext(DbContextOptions<UsersDbContext> options) : DbContext(options)
{
    /// <summary>All accounts.</summary>
    public DbSet<User> Users => Set<User>();

    /// <summary>What has happened to accounts.</summary>
    public DbSet<UserChange> UserChanges => Set<UserChange>();

    /// <summary>The keys that tokens are signed with.</summary>
    public DbSet<SigningKey> SigningKeys => Set<SigningKey>();

    /// <summary>Who has given a wrong password lately.</summary>
    public DbSet<FailedSignIn> FailedSignIns => Set<FailedSignIn>();

    /// <summary>
    /// The account, for whoever is going to change it, until the transaction ends: others who would change it wait, and find what has become
    /// of it. Null where there is none.
    /// </summary>
    public async Task<User?> LockUserAsync(Guid id, CancellationToken cancellationToken) =>
        (await Users.FromSql($"SELECT * FROM users WHERE id = {id} FOR UPDATE").ToListAsync(cancellationToken)).SingleOrDefault();

    /// <inheritdoc/>
    public override Task<int> SaveChangesAsync(bool acceptAllChangesOnSuccess, CancellationToken cancellationToken = default)
    {
        ChangeTracker.DetectChanges();
        foreach (var entry in ChangeTracker.Entries<User>().Where(entry => entry.State is not EntityState.Unchanged).ToArray())
        {
            // However it is saved: whoever has read it before, and holds no lock, cannot save it any more.
            entry.Entity.ConcurrencyStamp = Guid.NewGuid().ToString();
            Add(new UserChange { UserId = entry.Entity.Id });
        }

        return base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken);
    }

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.AddDurableMessaging();

        var user = modelBuilder.Entity<User>();
        user.Property(u => u.Id).ValueGeneratedNever();
        user.Property(u => u.Email).IsRequired();
        user.Property(u => u.PhoneNumber).HasColumnName("phone");
        user.Property(u => u.ConcurrencyStamp).IsConcurrencyToken();
        user.Property(u => u.Addresses).HasJsonColumn();
        user.HasIndex(u => u.NormalizedEmail).IsUnique();
        user.HasIndex(u => u.NormalizedUserName).IsUnique();
        // Parts of ASP.NET Core Identity that the shop has not.
        user.Ignore(u => u.EmailConfirmed).Ignore(u => u.PhoneNumberConfirmed).Ignore(u => u.TwoFactorEnabled);
        user.Ignore(u => u.LockoutEnabled).Ignore(u => u.LockoutEnd).Ignore(u => u.AccessFailedCount);

        var change = modelBuilder.Entity<UserChange>();
        change.Property(c => c.TransactionId).HasColumnType("xid8").HasDefaultValueSql("pg_current_xact_id()");
        change.Property(c => c.At).HasDefaultValueSql("now()");
        change.HasIndex(c => new { c.TransactionId, c.Id });
        change.HasIndex(c => c.UserId);

        modelBuilder.Entity<FailedSignIn>().HasKey(failed => new { failed.Account, failed.Address });

        modelBuilder.UseOpenIddict<Guid>();
        modelBuilder.Entity<OpenIddictEntityFrameworkCoreApplication<Guid>>().ToTable("openiddict_applications");
        modelBuilder.Entity<OpenIddictEntityFrameworkCoreAuthorization<Guid>>().ToTable("openiddict_authorizations");
        modelBuilder.Entity<OpenIddictEntityFrameworkCoreScope<Guid>>().ToTable("openiddict_scopes");
        modelBuilder.Entity<OpenIddictEntityFrameworkCoreToken<Guid>>().ToTable("openiddict_tokens");
    }
}
