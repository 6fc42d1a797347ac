using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using Shop.Messaging.Broker;

namespace Shop.Messaging.Outbox;

/// <summary>
/// Hands over what is due: scheduled messages, and what a crash, a missing queue or a broker that was away left behind. Sweepers of
/// several replicas share the work: each takes rows by a lease that grows with the attempts, and publishes outside any transaction.
/// </summary>
internal sealed partial class OutboxSweeper(
    OutboxDispatcher dispatcher,
    BrokerPublisher broker,
    IServiceScopeFactory scopes,
    IOptions<MessagingOptions> options,
    TimeProvider clock,
    ILogger<OutboxSweeper> logger) : BackgroundService
{
    /// <summary>
    /// With the number as it is, and the ids as an array: so Postgres sees how few rows are meant, and reads no others, however many wait
    /// for their time. It is asked several times a second.
    /// </summary>
    private readonly string _lease = string.Create(CultureInfo.InvariantCulture, $$"""
        UPDATE outbox_messages AS message
        SET attempts = message.attempts + 1,
            available_at = clock_timestamp() + least({0} * power(2, least(message.attempts, 20)), {1})
        WHERE message.id = ANY (ARRAY(
            SELECT id FROM outbox_messages WHERE available_at <= statement_timestamp()
            ORDER BY available_at LIMIT {{options.Value.SweepBatchSize}} FOR UPDATE SKIP LOCKED))
        RETURNING message.*
        """);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var untraced = SuppressInstrumentationScope.Begin();
        using var timer = new PeriodicTimer(options.Value.SweepInterval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                // While the broker is away no row is taken, so none has to wait for its lease when it is back.
                while (await broker.IsReadyAsync(stoppingToken) && await SweepAsync(stoppingToken) == options.Value.SweepBatchSize)
                {
                }
            }
            catch (Exception failure) when (InfrastructureFault.IsIn(failure))
            {
                LogPostponed(failure);
                await Task.Delay(TimeSpan.FromSeconds(1), clock, stoppingToken);
            }
        }
    }

    private async Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        var leasedSince = clock.GetTimestamp();
        var messages = await LeaseAsync(cancellationToken);
        foreach (var message in messages)
        {
            message.LeasedSince = leasedSince;
            await dispatcher.HandOverAsync(message, cancellationToken);
        }

        return messages.Count;
    }

    private async Task<List<OutboxMessage>> LeaseAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var database = scope.ServiceProvider.GetRequiredService<DbContext>();
        return await database.Set<OutboxMessage>()
            .FromSqlRaw(_lease, options.Value.HandOverBackOff, options.Value.MaxHandOverBackOff)
            .AsNoTracking()
            .ToListAsync(cancellationToken);
    }

    [LoggerMessage(LogLevel.Warning, "The outbox cannot be read; it will be tried again")]
    private partial void LogPostponed(Exception failure);
}
