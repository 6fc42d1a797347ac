using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OpenTelemetry;

namespace Shop.Messaging.Inbox;

/// <summary>Forgets messages that were seen long ago, few at a time, so that no lock lasts.</summary>
internal sealed partial class InboxCleaner(
    IServiceScopeFactory scopes, IOptions<MessagingOptions> options, TimeProvider clock, ILogger<InboxCleaner> logger) : BackgroundService
{
    private const int BatchSize = 1000;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var untraced = SuppressInstrumentationScope.Begin();
        using var timer = new PeriodicTimer(options.Value.InboxCleaningInterval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await CleanAsync(stoppingToken);
            }
            catch (Exception failure) when (InfrastructureFault.IsIn(failure))
            {
                LogPostponed(failure);
            }
        }
    }

    internal async Task CleanAsync(CancellationToken cancellationToken)
    {
        var oldest = clock.GetUtcNow() - options.Value.InboxRetention;
        int deleted;
        do
        {
            await using var scope = scopes.CreateAsyncScope();
            var database = scope.ServiceProvider.GetRequiredService<DbContext>().Database;
            deleted = await database.ExecuteSqlAsync(
                $"""
                 DELETE FROM inbox_messages WHERE ctid = ANY (ARRAY(
                     SELECT ctid FROM inbox_messages WHERE received_at < {oldest} ORDER BY received_at LIMIT {BatchSize} FOR UPDATE SKIP LOCKED))
                 """,
                cancellationToken);
        }
        while (deleted == BatchSize);
    }

    [LoggerMessage(LogLevel.Warning, "The inbox could not be cleaned; it will be tried again")]
    private partial void LogPostponed(Exception failure);
}
