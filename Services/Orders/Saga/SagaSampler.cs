using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using OpenTelemetry;

namespace Shop.Orders.Saga;

/// <summary>Looks now and then at which sagas wait, and for how long, for <see cref="OrderMetrics"/>.</summary>
internal sealed partial class SagaSampler(IServiceScopeFactory scopes, TimeProvider clock, ILogger<SagaSampler> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var untraced = SuppressInstrumentationScope.Begin();
        using var timer = new PeriodicTimer(Interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await using var scope = scopes.CreateAsyncScope();
                OrderMetrics.Waiting = await LookAsync(scope.ServiceProvider.GetRequiredService<OrdersDbContext>(), clock.GetUtcNow(), stoppingToken);
            }
            catch (DbException failure)
            {
                LogNotSeen(failure);
            }
        }
    }

    internal static async Task<List<WaitingSagas>> LookAsync(OrdersDbContext database, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var states = await database.Sagas
            .Where(OrderState.IsWaiting)
            .GroupBy(saga => saga.CurrentState)
            .Select(group => new { group.Key, Count = group.LongCount(), Since = group.Min(saga => saga.EnteredAt) })
            .ToListAsync(cancellationToken);
        return [.. states.Select(state => new WaitingSagas(state.Key, state.Count, now - state.Since))];
    }

    [LoggerMessage(LogLevel.Debug, "The sagas could not be looked at now")]
    private partial void LogNotSeen(Exception failure);
}
