using Microsoft.EntityFrameworkCore;

namespace Shop.Notifications;

/// <summary>The database <c>notificationsdb</c>.</summary>
public sealed class NotificationsDbContext(DbContextOptions<NotificationsDbContext> options) : DbContext(options)
{
    /// <summary>All that was told.</summary>
    public DbSet<Notification> Notifications => Set<Notification>();

    /// <summary>What users want to be told, where they chose.</summary>
    public DbSet<NotificationWishes> Wishes => Set<NotificationWishes>();

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.AddDurableMessaging();

        modelBuilder.Entity<NotificationWishes>().ToTable("notification_wishes").HasKey(wishes => wishes.UserId);

        var notification = modelBuilder.Entity<Notification>();
        notification.Property(n => n.Id).ValueGeneratedNever();
        notification.Property(n => n.Kind).HasConversion<string>();
        notification.Property(n => n.Channel).HasConversion<string>();
        notification.HasIndex(n => new { n.OrderId, n.Kind, n.Channel }).IsUnique();
        notification.HasIndex(n => new { n.UserId, n.Id });
        notification.HasIndex(n => n.DueAt).HasFilter("due_at IS NOT NULL");
    }
}
