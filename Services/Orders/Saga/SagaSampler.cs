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
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
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
        // Where none waits, that is said too: a series that comes and goes is hard to watch.
        return
        [
            .. from name in OrderState.WaitingStates
               let found = states.SingleOrDefault(state => state.Key == name)
               select new WaitingSagas(name, found?.Count ?? 0, found is null ? TimeSpan.Zero : now - found.Since),
        ];
    }

    [LoggerMessage(LogLevel.Warning, "The sagas could not be looked at now")]
    private partial void LogNotSeen(Exception failure);
}
