using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using Shop.Messaging.Broker;
using Shop.Messaging.Operations;

namespace Shop.Messaging.Outbox;

/// <summary>
/// Hands committed messages over to the broker, many at once, and deletes the rows that it has confirmed, many in one statement. What
/// does not succeed stays in the table, and a sweeper takes it when its lease has run out.
/// </summary>
internal sealed partial class OutboxDispatcher : BackgroundService
{
    private const int Capacity = 10_000;
    private const int MaxInFlight = 256;
    private const int SettleBatchSize = 1000;

    /// <summary>A row that was handed over costs nothing but its place while it waits for company.</summary>
    private static readonly TimeSpan SettleDelay = TimeSpan.FromMilliseconds(100);

    private readonly Channel<OutboxMessage> _waiting = Channel.CreateBounded<OutboxMessage>(new BoundedChannelOptions(Capacity) { SingleReader = true });
    private readonly Channel<Outcome> _outcomes = Channel.CreateUnbounded<Outcome>(new UnboundedChannelOptions { SingleReader = true });
    private readonly ConcurrentDictionary<Guid, bool> _taken = new();
    private readonly SemaphoreSlim _slots = new(MaxInFlight);
    private readonly CancellationTokenSource _impatience = new();
    private readonly BrokerPublisher _broker;
    private readonly IServiceScopeFactory _scopes;
    private readonly TimeProvider _clock;
    private readonly ILogger<OutboxDispatcher> _logger;

    public OutboxDispatcher(
        OutboxInterceptor interceptor,
        BrokerPublisher broker,
        MessagingMetrics metrics,
        IServiceScopeFactory scopes,
        TimeProvider clock,
        ILogger<OutboxDispatcher> logger)
    {
        (_broker, _scopes, _clock, _logger) = (broker, scopes, clock, logger);
        // Where the broker is away or slow the row waits in the table: nothing is lost where there is no room.
        interceptor.Committed += message =>
        {
            metrics.Committed(message.MessageType);
            _taken[message.Id] = true;
            if (!_waiting.Writer.TryWrite(message))
                _taken.TryRemove(message.Id, out _);
        };
    }

    /// <summary>
    /// Takes a message that a sweeper has leased, unless it has it already: where all is slow, what waits here must not be sent twice.
    /// Waits where there is no room.
    /// </summary>
    public async ValueTask HandOverAsync(OutboxMessage message, CancellationToken cancellationToken)
    {
        if (_taken.TryAdd(message.Id, true))
            await _waiting.Writer.WriteAsync(message, cancellationToken);
    }

    /// <summary>Hands over what is left and deletes its rows, as long as <paramref name="cancellationToken"/> allows.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _waiting.Writer.TryComplete();
        await using (cancellationToken.Register(_impatience.Cancel))
        {
            if (ExecuteTask is { } running)
                await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await base.StopAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _slots.Dispose();
        _impatience.Dispose();
        base.Dispose();
    }

    // Not the stopping token: the end comes through the channel, so that nothing is left half done.
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(PublishAllAsync(_impatience.Token), SettleAllAsync(_impatience.Token));

    private async Task PublishAllAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var message in _waiting.Reader.ReadAllAsync(cancellationToken))
            {
                if (_clock.GetElapsedTime(message.LeasedSince) > message.Lease * 0.8)
                {
                    // The sweeper of another replica will take it any moment, if ours does not.
                    _taken.TryRemove(message.Id, out _);
                    continue;
                }

                await _slots.WaitAsync(cancellationToken);
                _ = PublishAsync(message, cancellationToken);
            }

            for (var i = 0; i < MaxInFlight; i++)
                await _slots.WaitAsync(cancellationToken);
        }
        finally
        {
            _outcomes.Writer.TryComplete();
        }
    }

    private async Task PublishAsync(OutboxMessage message, CancellationToken cancellationToken)
    {
        try
        {
            await _broker.PublishAsync(message, cancellationToken);
            _outcomes.Writer.TryWrite(new Outcome(message.Id, null));
        }
        catch (UndeliverableMessageException refusal)
        {
            LogUndeliverable(message.MessageType, message.MessageId, refusal.Message);
            _outcomes.Writer.TryWrite(new Outcome(message.Id, refusal.Message));
        }
        catch (BrokerUnavailableException)
        {
            // Said once, by the broker's own log; the row waits.
            _taken.TryRemove(message.Id, out _);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The row waits for the next start.
        }
        catch (Exception failure)
        {
            LogFailed(failure, message.MessageType, message.MessageId);
            _outcomes.Writer.TryWrite(new Outcome(message.Id, failure.Message));
        }
        finally
        {
            _slots.Release();
        }
    }

    private async Task SettleAllAsync(CancellationToken cancellationToken)
    {
        using var untraced = SuppressInstrumentationScope.Begin();
        var batch = new List<Outcome>();
        while (await _outcomes.Reader.WaitToReadAsync(cancellationToken))
        {
            if (!_outcomes.Reader.Completion.IsCompleted)
                await Task.Delay(SettleDelay, _clock, cancellationToken);
            while (batch.Count < SettleBatchSize && _outcomes.Reader.TryRead(out var outcome))
                batch.Add(outcome);
            try
            {
                await SettleAsync(batch, cancellationToken);
            }
            catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
            {
                // They leave again when the database is back, under the same ids: the inboxes know them.
                LogNotSettled(failure, batch.Count);
            }

            batch.ForEach(outcome => _taken.TryRemove(outcome.Id, out _));
            batch.Clear();
        }
    }

    private async Task SettleAsync(List<Outcome> outcomes, CancellationToken cancellationToken)
    {
        await using var scope = _scopes.CreateAsyncScope();
        var database = scope.ServiceProvider.GetRequiredService<DbContext>().Database;
        Guid[] delivered = [.. outcomes.Where(outcome => outcome.Error is null).Select(outcome => outcome.Id)];
        if (delivered.Length > 0)
            await database.ExecuteSqlAsync($"DELETE FROM outbox_messages WHERE id = ANY ({delivered})", cancellationToken);
        foreach (var failed in outcomes.Where(outcome => outcome.Error is not null).GroupBy(outcome => outcome.Error))
        {
            Guid[] ids = [.. failed.Select(outcome => outcome.Id)];
            await database.ExecuteSqlAsync($"UPDATE outbox_messages SET last_error = {failed.Key} WHERE id = ANY ({ids})", cancellationToken);
        }
    }

    [LoggerMessage(LogLevel.Warning, "{MessageType} {MessageId} stays in the outbox: {Reason}")]
    private partial void LogUndeliverable(string messageType, Guid messageId, string reason);

    [LoggerMessage(LogLevel.Error, "{MessageType} {MessageId} stays in the outbox")]
    private partial void LogFailed(Exception failure, string messageType, Guid messageId);

    [LoggerMessage(LogLevel.Warning, "{Count} messages were handed over, but their rows could not be deleted yet")]
    private partial void LogNotSettled(Exception failure, int count);

    private readonly record struct Outcome(Guid Id, string? Error);
}
