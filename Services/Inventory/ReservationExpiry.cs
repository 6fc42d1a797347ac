using MassTransit;
using Microsoft.EntityFrameworkCore;
using OpenTelemetry;

namespace Shop.Inventory;

/// <summary>Gives lapsed holds back, so that stock which no saga ever commits or releases becomes available again. Any number of replicas may run it.</summary>
internal sealed partial class ReservationExpiry(IServiceScopeFactory scopes, TimeProvider clock, ILogger<ReservationExpiry> logger)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private const int BatchSize = 100;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var untraced = SuppressInstrumentationScope.Begin();
        using var timer = new PeriodicTimer(Interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                foreach (var orderId in await FindLapsedAsync(stoppingToken))
                    await ExpireAsync(orderId, stoppingToken);
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(failure);
            }
        }
    }

    private async Task<List<Guid>> FindLapsedAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var database = scope.ServiceProvider.GetRequiredService<InventoryDbContext>();
        var now = clock.GetUtcNow();
        return await database.Reservations
            .Where(reservation => reservation.Status == ReservationStatus.Held && reservation.HoldUntil <= now)
            .OrderBy(reservation => reservation.HoldUntil)
            .Select(reservation => reservation.OrderId)
            .Take(BatchSize)
            .ToListAsync(cancellationToken);
    }

    private async Task ExpireAsync(Guid orderId, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var database = scope.ServiceProvider.GetRequiredService<InventoryDbContext>();
        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
        await scope.ServiceProvider.GetRequiredService<StockReservations>().ExpireAsync(orderId, cancellationToken);
        await scope.ServiceProvider.GetRequiredService<IPublishEndpoint>().PublishBatch(database.TakeAvailabilityChanges(), cancellationToken);
        await database.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        LogExpired(orderId);
    }

    [LoggerMessage(LogLevel.Information, "The hold of order {OrderId} has lapsed")]
    private partial void LogExpired(Guid orderId);

    [LoggerMessage(LogLevel.Warning, "Lapsed holds could not be given back; trying again")]
    private partial void LogFailed(Exception failure);
}
