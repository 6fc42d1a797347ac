using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Shop.Messaging.Consuming;

/// <summary>
/// What becomes of a message whose consumer fails. A database that is away is waited for, without limit and without counting. Anything
/// else is tried again at once a few times, later a few times more, and then it goes to the error queue with its reason.
/// </summary>
internal sealed partial class RetryFilter<T>(
    string queue,
    Redelivery redelivery,
    IOptions<MessagingOptions> options,
    IHostApplicationLifetime lifetime,
    TimeProvider clock,
    ILogger<RetryFilter<T>> logger) : IFilter<ConsumeContext<T>>
    where T : class
{
    public async Task Send(ConsumeContext<T> context, IPipe<ConsumeContext<T>> next)
    {
        var started = clock.GetTimestamp();
        var (failures, outages) = (0, 0);
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        var suspected = Suspicion.WaitOf(context);
        if (suspected is { } wait)
            await Task.Delay(wait, clock, stopping.Token);
        while (true)
        {
            var attempt = new AttemptContext<T>(context, isAlone: suspected is not null || failures + outages > 0 || Redelivery.IsLaterAttempt(context));
            try
            {
                await next.Send(attempt);
                return;
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                throw; // The broker keeps the message.
            }
            catch (Exception outage) when (InfrastructureFault.IsIn(outage))
            {
                LogOutage(outage, typeof(T).Name, context.MessageId);
                await Task.Delay(BackOff.After(outages++, TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(5)), clock, stopping.Token);
            }
            catch (Exception failure) when (failures < options.Value.ImmediateRetries)
            {
                LogRetry(failure, typeof(T).Name, context.MessageId);
                await Task.Delay(BackOff.After(failures++, TimeSpan.FromMilliseconds(25), TimeSpan.FromMilliseconds(400)), clock, stopping.Token);
            }
            catch (Exception failure)
            {
                if (redelivery.NextDelay(context) is not { } delay)
                {
                    LogGivenUp(failure, typeof(T).Name, context.MessageId, queue);
                    await context.NotifyFaulted(clock.GetElapsedTime(started), attempt.FailedConsumer ?? queue, failure);
                    throw;
                }

                LogRedelivery(failure, typeof(T).Name, context.MessageId, delay);
                await ScheduleAsync(context, delay, stopping.Token);
                await context.NotifyConsumed(clock.GetElapsedTime(started), "redelivery"); // otherwise it would count as skipped
                return;
            }
        }
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("retry");

    private async Task ScheduleAsync(ConsumeContext<T> context, TimeSpan delay, CancellationToken cancellationToken)
    {
        for (var outages = 0; ; outages++)
        {
            try
            {
                await redelivery.ScheduleAsync(context, queue, delay, cancellationToken);
                return;
            }
            catch (Exception outage) when (InfrastructureFault.IsIn(outage))
            {
                LogOutage(outage, typeof(T).Name, context.MessageId);
                await Task.Delay(BackOff.After(outages, TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(5)), clock, cancellationToken);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "{MessageType} {MessageId} waits for the database")]
    private partial void LogOutage(Exception failure, string messageType, Guid? messageId);

    [LoggerMessage(LogLevel.Information, "{MessageType} {MessageId} failed and is tried again")]
    private partial void LogRetry(Exception failure, string messageType, Guid? messageId);

    [LoggerMessage(LogLevel.Warning, "{MessageType} {MessageId} failed and is tried again after {Delay}")]
    private partial void LogRedelivery(Exception failure, string messageType, Guid? messageId, TimeSpan delay);

    [LoggerMessage(LogLevel.Error, "{MessageType} {MessageId} failed for the last time and goes to the error queue of {Queue}")]
    private partial void LogGivenUp(Exception failure, string messageType, Guid? messageId, string queue);
}
