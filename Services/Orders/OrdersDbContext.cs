using Microsoft.EntityFrameworkCore;
using Shop.Orders.Operations;
using Shop.Orders.Saga;

namespace Shop.Orders;

/// <summary>The database <c>ordersdb</c>: orders, their sagas, and the answers kept for repeated requests.</summary>
public sealed class OrdersDbContext(DbContextOptions<OrdersDbContext> options) : DbContext(options)
{
    /// <summary>All orders.</summary>
    public DbSet<Order> Orders => Set<Order>();

    /// <summary>The saga of each order.</summary>
    public DbSet<OrderState> Sagas => Set<OrderState>();

    /// <summary>What has happened to the orders.</summary>
    public DbSet<TimelineEntry> Timeline => Set<TimelineEntry>();

    /// <summary>Answers by user and idempotency key.</summary>
    public DbSet<IdempotencyRecord> IdempotencyRecords => Set<IdempotencyRecord>();

    /// <summary>Users whose accounts have been deleted.</summary>
    public DbSet<ErasedUser> ErasedUsers => Set<ErasedUser>();

    /// <summary>What administrators have sent back to its consumers.</summary>
    public DbSet<MessageRedelivery> MessageRedeliveries => Set<MessageRedelivery>();

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.AddDurableMessaging();

        var order = modelBuilder.Entity<Order>();
        order.Property(o => o.Id).ValueGeneratedNever();
        order.Property(o => o.Status).HasConversion<string>();
        order.Property(o => o.Total).HasPrecision(18, 2);
        order.Property(o => o.Lines).HasJsonColumn();
        order.Property(o => o.Shortages).HasJsonColumn();
        order.Property(o => o.ShippingAddress).HasJsonColumn();
        order.HasMany(o => o.Timeline).WithOne().HasForeignKey(entry => entry.OrderId);
        order.HasIndex(o => new { o.UserId, o.Id });

        var entry = modelBuilder.Entity<TimelineEntry>().ToTable("order_timeline");
        entry.Property(e => e.Status).HasConversion<string>();

        var saga = modelBuilder.Entity<OrderState>().ToTable("order_sagas");
        saga.HasKey(s => s.CorrelationId);
        saga.Property(s => s.CorrelationId).ValueGeneratedNever();
        saga.Property(s => s.EnteredAt).HasDefaultValueSql("now()");
        // Finished sagas, of which there are ever more, are not in it.
        saga.HasIndex(s => s.CurrentState).HasFilter("current_state NOT IN ('Confirmed', 'Shipped', 'Delivered', 'Cancelled')");
        saga.HasOne(s => s.Order).WithOne().HasForeignKey<OrderState>(s => s.CorrelationId);
        saga.Navigation(s => s.Order).AutoInclude();

        modelBuilder.Entity<ErasedUser>().HasKey(user => user.UserId);

        var record = modelBuilder.Entity<IdempotencyRecord>();
        record.HasKey(r => new { r.UserId, r.Key });
        record.HasIndex(r => r.CreatedAt);

        modelBuilder.Entity<MessageRedelivery>().Property(redelivery => redelivery.Id).ValueGeneratedNever();
    }
}
