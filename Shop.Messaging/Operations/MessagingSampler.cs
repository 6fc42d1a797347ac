using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using RabbitMQ.Client.Exceptions;
using Shop.Messaging.Broker;

namespace Shop.Messaging.Operations;

/// <summary>Looks at the service's outbox and at its queues' dead letters now and then, for <see cref="MessagingMetrics"/>.</summary>
internal sealed partial class MessagingSampler(
    MessagingMetrics metrics, DeadLetterOperations deadLetters, IServiceScopeFactory scopes, TimeProvider clock, ILogger<MessagingSampler> logger)
    : BackgroundService
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
                metrics.Outbox = await scope.ServiceProvider.GetRequiredService<OutboxOperations>().GetOutboxAsync(stoppingToken);
                // Those that are always there: to ask for one that is not is an error, and the broker's log would be full of them.
                string[] queues = [.. metrics.Queues.Keys.SelectMany(queue => new[] { QueueArguments.ErrorQueue(queue), QueueArguments.DeadLetterQueue(queue) })];
                var counts = await deadLetters.CountAsync(queues, stoppingToken);
                foreach (var queue in queues)
                    metrics.DeadLetters[queue] = counts.GetValueOrDefault(queue);
            }
            catch (Exception failure) when (InfrastructureFault.IsIn(failure) || failure is RabbitMQClientException or IOException)
            {
                LogNotSeen(failure);
            }
        }
    }

    [LoggerMessage(LogLevel.Debug, "Outbox and dead letters could not be looked at now")]
    private partial void LogNotSeen(Exception failure);
}
