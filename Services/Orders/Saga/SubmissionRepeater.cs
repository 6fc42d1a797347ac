using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using OpenTelemetry;

namespace Shop.Orders.Saga;

/// <summary>
/// Submits an accepted order again that its saga has not taken up: every other state has a timeout of its own, but before the first message
/// there is nobody to wait for it. So an order whose first message became a dead letter is not forgotten. It waits twice as long each time,
/// up to 32 times. Replicas may do it at once.
/// </summary>
internal sealed partial class SubmissionRepeater(
    IServiceScopeFactory scopes, IOptions<OrderTimeouts> timeouts, TimeProvider clock, ILogger<SubmissionRepeater> logger) : BackgroundService
{
    private const int BatchSize = 100;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var untraced = SuppressInstrumentationScope.Begin();
        using var timer = new PeriodicTimer(Interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await RepeatAsync(stoppingToken);
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                LogPostponed(failure);
            }
        }
    }

    private async Task RepeatAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var database = scope.ServiceProvider.GetRequiredService<OrdersDbContext>();
        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
        var (now, patience) = (clock.GetUtcNow(), timeouts.Value.Submission);
        var forgotten = await database.Sagas
            .FromSql(
                $"""
                 SELECT * FROM order_sagas WHERE current_state = 'Submitted' AND entered_at + {patience} * (power(2, least(repeats + 1, 5)) - 1 + 32 * greatest(repeats - 4, 0)) <= {now}
                 ORDER BY entered_at LIMIT {BatchSize} FOR UPDATE SKIP LOCKED
                 """)
            .ToListAsync(cancellationToken);
        if (forgotten.Count == 0)
            return;

        var publisher = scope.ServiceProvider.GetRequiredService<IPublishEndpoint>();
        foreach (var saga in forgotten)
        {
            saga.Repeats++;
            LogRepeated(saga.CorrelationId, saga.Repeats);
            await publisher.Publish(saga.Order.ToSubmitted(), cancellationToken);
        }

        await database.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    [LoggerMessage(LogLevel.Warning, "Order {OrderId} has not been taken up and is submitted again, for the {Times}. time")]
    private partial void LogRepeated(Guid orderId, int times);

    [LoggerMessage(LogLevel.Warning, "Orders that have not been taken up cannot be looked for now")]
    private partial void LogPostponed(Exception failure);
}
