using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Shop.Inventory;
using Shop.Orders;
using Shop.Orders.Events;
using Shop.Orders.Saga;
using Shop.Tests.Messaging;

namespace Shop.Tests.Architecture;

/// <summary>A background service that fails ends its whole process: none may, for a database that is away.</summary>
public sealed class BackgroundServiceTests
{
    private int _attempts;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(typeof(SagaSampler))]
    [InlineData(typeof(SubmissionRepeater))]
    [InlineData(typeof(TimelineWatch))]
    [InlineData(typeof(IdempotencyCleaner))]
    [InlineData(typeof(OrderEraser))]
    [InlineData(typeof(ReservationExpiry))]
    public async Task BackgroundService_DatabaseIsAway_TriesAgain(Type type)
    {
        var clock = new FakeTimeProvider();
        await using var services = new ServiceCollection()
            .AddLogging()
            .AddSingleton<TimeProvider>(clock)
            .AddSingleton(Options.Create(new OrderEventOptions()))
            .AddSingleton(Options.Create(new OrderTimeouts()))
            .AddScoped<IdempotencyStore>()
            .AddScoped(_ => Away<OrdersDbContext>(options => new(options)))
            .AddScoped(_ => Away<InventoryDbContext>(options => new(options)))
            .BuildServiceProvider();
        using var service = (BackgroundService)ActivatorUtilities.CreateInstance(services, type);
        using var watcher = (service as TimelineWatch)?.Watch(Guid.NewGuid(), 0);

        await service.StartAsync(Cancelled);
        await Eventually.IsTrue(() =>
        {
            clock.Advance(TimeSpan.FromMinutes(5));
            return Volatile.Read(ref _attempts) > 2 || service.ExecuteTask!.IsCompleted;
        });

        Assert.False(service.ExecuteTask!.IsCompleted, service.ExecuteTask.Exception?.ToString());
        await service.StopAsync(Cancelled);
    }

    private T Away<T>(Func<DbContextOptions<T>, T> create)
        where T : DbContext
    {
        Interlocked.Increment(ref _attempts);
        return create(new DbContextOptionsBuilder<T>().UseNpgsql("Host=127.0.0.1;Port=1;Database=away").Options);
    }
}
