using Microsoft.EntityFrameworkCore;
using Shop.Messaging;

namespace Shop.Tests.Messaging.Service;

internal sealed class Entry
{
    public Guid Id { get; init; } = Guid.CreateVersion7();

    public required Guid AccountId { get; init; }

    public required int Amount { get; init; }
}

/// <summary>The database of the tests' service.</summary>
internal sealed class TestDbContext(DbContextOptions<TestDbContext> options) : DbContext(options)
{
    public DbSet<Entry> Entries => Set<Entry>();

    public DbSet<Tally> Tallies => Set<Tally>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.AddDurableMessaging();
        modelBuilder.Entity<Entry>().Property(entry => entry.Id).ValueGeneratedNever();
        var tally = modelBuilder.Entity<Tally>();
        tally.HasKey(t => t.CorrelationId);
        tally.Property(t => t.CorrelationId).ValueGeneratedNever();
    }
}
