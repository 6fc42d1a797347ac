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
/// Hands over what is due: scheduled messages, and what a crash, a missing queue or a broker that was away left behind. It sleeps until
/// the next row that it knows of is due. Sweepers of several replicas share the work: each takes rows by a lease that grows with the
/// attempts, and publishes outside any transaction.
/// </summary>
internal sealed partial class OutboxSweeper(
    OutboxDispatcher dispatcher,
    OutboxInterceptor commits,
    BrokerPublisher broker,
    IServiceScopeFactory scopes,
    IOptions<MessagingOptions> options,
    TimeProvider clock,
    ILogger<OutboxSweeper> logger) : BackgroundService
{
    /// <summary>With the number as it is, and the ids as an array: so Postgres sees how few rows are meant, and reads no others, however many wait.</summary>
    private readonly string _lease = string.Create(CultureInfo.InvariantCulture, $$"""
        UPDATE outbox_messages AS message
        SET attempts = message.attempts + 1,
            available_at = clock_timestamp() + least({0} * power(2, least(message.attempts, 20)), {1})
        WHERE message.id = ANY (ARRAY(
            SELECT id FROM outbox_messages WHERE available_at <= statement_timestamp()
            ORDER BY available_at LIMIT {{options.Value.SweepBatchSize}} FOR UPDATE SKIP LOCKED))
        RETURNING message.*
        """);

    /// <summary>A row that is due and could not be taken is another's for a moment.</summary>
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(50);

    private readonly AlarmClock _alarm = new(clock);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var untraced = SuppressInstrumentationScope.Begin();
        commits.Scheduled += message => _alarm.SetBy(message.AvailableAt - clock.GetUtcNow());
        while (true)
        {
            try
            {
                // While the broker is away no row is taken, so none has to wait for its lease when it is back.
                if (await broker.IsReadyAsync(stoppingToken))
                {
                    var isMore = await SweepAsync(stoppingToken) == options.Value.SweepBatchSize;
                    _alarm.SetBy(isMore ? TimeSpan.Zero : await GetTimeToNextAsync(stoppingToken));
                }
            }
            catch (Exception failure) when (InfrastructureFault.IsIn(failure))
            {
                LogPostponed(failure);
            }

            _alarm.SetBy(options.Value.SweepInterval);
            await _alarm.WaitAsync(stoppingToken);
        }
    }

    public override void Dispose()
    {
        _alarm.Dispose();
        base.Dispose();
    }

    private async Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        var leasedSince = clock.GetTimestamp();
        var messages = await LeaseAsync(cancellationToken);
        foreach (var message in messages)
        {
            (message.LeasedSince, message.Lease) = (leasedSince, GetLease(message.Attempts));
            await dispatcher.HandOverAsync(message, cancellationToken);
        }

        return messages.Count;
    }

    /// <summary>As in the statement: the attempts have been counted there.</summary>
    private TimeSpan GetLease(int attempts)
    {
        var lease = options.Value.HandOverBackOff * Math.Pow(2, Math.Min(attempts - 1, 20));
        return lease < options.Value.MaxHandOverBackOff ? lease : options.Value.MaxHandOverBackOff;
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

    /// <summary>By the database's clock, which is the one that counts.</summary>
    private async Task<TimeSpan> GetTimeToNextAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var database = scope.ServiceProvider.GetRequiredService<DbContext>().Database;
        var next = await database
            .SqlQuery<TimeSpan?>($"""SELECT min(available_at) - clock_timestamp() AS "Value" FROM outbox_messages""")
            .SingleAsync(cancellationToken);
        return next < ShortestPause ? ShortestPause : next ?? TimeSpan.MaxValue;
    }

    [LoggerMessage(LogLevel.Warning, "The outbox cannot be read; it will be tried again")]
    private partial void LogPostponed(Exception failure);
}
