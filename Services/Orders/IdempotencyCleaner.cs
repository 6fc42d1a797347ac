using OpenTelemetry;

namespace Shop.Orders;

/// <summary>Forgets answers that are too old to be given again.</summary>
internal sealed partial class IdempotencyCleaner(IServiceScopeFactory scopes, TimeProvider clock, ILogger<IdempotencyCleaner> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var untraced = SuppressInstrumentationScope.Begin();
        using var timer = new PeriodicTimer(Interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await using var scope = scopes.CreateAsyncScope();
                await scope.ServiceProvider.GetRequiredService<IdempotencyStore>().ForgetOldAsync(stoppingToken);
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                LogPostponed(failure);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "Old answers could not be forgotten; it will be tried again")]
    private partial void LogPostponed(Exception failure);
}
