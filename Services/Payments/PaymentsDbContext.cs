using Microsoft.EntityFrameworkCore;
using Shop.Payments.Provider;

namespace Shop.Payments;

/// <summary>The database <c>paymentsdb</c>.</summary>
public sealed class PaymentsDbContext(DbContextOptions<PaymentsDbContext> options) : DbContext(options)
{
    /// <summary>Payments by order.</summary>
    public DbSet<Payment> Payments => Set<Payment>();

    /// <summary>The simulated provider's ledger; only <see cref="SimulatedPaymentProvider"/> touches it.</summary>
    public DbSet<ProviderCharge> ProviderCharges => Set<ProviderCharge>();

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.AddDurableMessaging();

        var payment = modelBuilder.Entity<Payment>();
        payment.HasKey(p => p.OrderId);
        payment.Property(p => p.OrderId).ValueGeneratedNever();
        payment.Property(p => p.Status).HasConversion<string>();
        payment.Property(p => p.Amount).HasPrecision(18, 2);
        payment.Property(p => p.Refunded).HasPrecision(18, 2);

        var charge = modelBuilder.Entity<ProviderCharge>();
        charge.HasKey(c => c.Key);
        charge.Property(c => c.Key).ValueGeneratedNever();
        charge.Property(c => c.Status).HasConversion<string>();
        charge.Property(c => c.Amount).HasPrecision(18, 2);
        charge.Property(c => c.Captured).HasPrecision(18, 2);
        charge.Property(c => c.Refunded).HasPrecision(18, 2);
        charge.HasIndex(c => c.WebhookDueAt).HasFilter("webhook_due_at IS NOT NULL");
    }
}
