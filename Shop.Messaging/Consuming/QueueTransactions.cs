using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Shop.Messaging.Inbox;
using Shop.Messaging.Operations;
using Shop.Messaging.Outbox;

namespace Shop.Messaging.Consuming;

/// <summary>
/// The transactions of one queue's messages. That the messages were seen, business rows, saga state and outgoing messages commit together
/// or not at all. What can be loaded in batches shares transactions: whoever gets its turn takes along all that wait, so that the
/// busier the queue, the less a message costs, and a message that comes alone does not wait for company.
/// </summary>
internal sealed partial class QueueTransactions(
    string queue,
    IServiceScopeFactory scopes,
    IOptions<MessagingOptions> options,
    MessagingMetrics metrics,
    TimeProvider clock,
    ILogger<QueueTransactions> logger) : IDisposable
{
    /// <summary>Messages that share none, at once: each has a database connection.</summary>
    private const int LoneTransactions = 16;

    private readonly List<IBatchLoader> _loaders = [];
    private readonly ConcurrentQueue<Delivery> _waiting = new();
    // One shared transaction at a time: while it runs, the company for the next one gathers.
    private readonly SemaphoreSlim _turn = new(1);
    private readonly SemaphoreSlim _alone = new(LoneTransactions);

    public string Queue => queue;

    /// <summary>Lets the messages that the loader knows share transactions.</summary>
    public void Share(IBatchLoader loader) => _loaders.Add(loader);

    public void Dispose()
    {
        _turn.Dispose();
        _alone.Dispose();
    }

    /// <summary>Handles a message, alone or with others.</summary>
    public async Task RunAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        if (_loaders.Count > 0 && !delivery.IsAlone && await TryShareAsync(delivery, cancellationToken))
            return;
        await _alone.WaitAsync(cancellationToken);
        try
        {
            await ExecuteAsync([delivery], cancellationToken);
        }
        finally
        {
            _alone.Release();
        }
    }

    private async Task<bool> TryShareAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        _waiting.Enqueue(delivery);
        try
        {
            await _turn.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (delivery.TryTake())
        {
            throw; // Nobody handles it: the broker keeps the message.
        }
        catch (OperationCanceledException)
        {
            return await delivery.Shared;
        }

        try
        {
            // As many turns come as messages wait, so each is taken by somebody: not always by its own turn.
            if (TakeWaiting() is { Count: > 0 } batch)
                await ExecuteSharedAsync(batch, cancellationToken);
        }
        finally
        {
            _turn.Release();
        }

        return await delivery.Shared;
    }

    private List<Delivery> TakeWaiting()
    {
        var batch = new List<Delivery>();
        while (batch.Count < options.Value.PrefetchCount && _waiting.TryDequeue(out var delivery))
        {
            if (delivery.TryTake())
                batch.Add(delivery);
        }

        return batch;
    }

    private async Task ExecuteSharedAsync(List<Delivery> batch, CancellationToken cancellationToken)
    {
        var shared = false;
        try
        {
            await ExecuteAsync(batch, cancellationToken);
            shared = true;
        }
        catch (Exception failure)
        {
            // Each finds out in a transaction of its own whether the failure is its own.
            LogApart(failure, batch.Count, queue);
        }
        finally
        {
            batch.ForEach(delivery => delivery.Handled(shared));
        }
    }

    private async Task ExecuteAsync(List<Delivery> batch, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var database = scope.ServiceProvider.GetRequiredService<DbContext>();
        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
        var unseen = await database.ReceiveAsync(batch.Select(delivery => delivery.MessageId), queue, clock.GetUtcNow(), cancellationToken);
        // The same message twice in one batch is handled once.
        var news = batch.Where(delivery => unseen.Remove(delivery.MessageId)).ToList();
        if (news.Count > 0)
        {
            object[] messages = [.. news.Select(delivery => delivery.Message)];
            foreach (var loader in _loaders)
                await loader.LoadAsync(scope.ServiceProvider, messages, cancellationToken);
            var outbox = scope.ServiceProvider.GetRequiredService<OutboxWriter>();
            outbox.Collect();
            foreach (var delivery in news)
                await delivery.ConsumeAsync(scope);
            await database.SaveChangesAsync(cancellationToken);
            await outbox.WriteCollectedAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            outbox.ReleaseCollected();
        }

        metrics.Transaction(queue, news.Count);
        foreach (var delivery in batch.Except(news))
        {
            metrics.Duplicate(queue);
            await delivery.IgnoreAsync();
        }
    }

    [LoggerMessage(LogLevel.Information, "{Count} messages of {Queue} that shared a transaction are handled again, each in its own")]
    private partial void LogApart(Exception failure, int count, string queue);
}
