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
/// or not at all. What can be loaded in batches shares transactions: all that wait are handled together, so that the busier the queue, the
/// less a message costs, and a message that comes alone does not wait for company.
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
    private readonly SemaphoreSlim _alone = new(LoneTransactions);
    private bool _isSharing;

    public string Queue => queue;

    /// <summary>Lets the messages that the loader knows share transactions.</summary>
    public void Share(IBatchLoader loader) => _loaders.Add(loader);

    public void Dispose() => _alone.Dispose();

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
        if (!Interlocked.Exchange(ref _isSharing, true))
            _ = ShareAsync();
        await using (cancellationToken.Register(() => delivery.GiveUp(cancellationToken)))
            return await delivery.Shared;
    }

    /// <summary>One shared transaction at a time: while it runs, the company for the next one gathers.</summary>
    private async Task ShareAsync()
    {
        do
        {
            while (!_waiting.IsEmpty)
            {
                if (TakeWaiting() is { Count: > 0 } batch)
                    await batch[0].RunInItsTraceAsync(() => ExecuteSharedAsync(batch));
            }

            Volatile.Write(ref _isSharing, false);
        }
        while (!_waiting.IsEmpty && !Interlocked.Exchange(ref _isSharing, true));
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

    private async Task ExecuteSharedAsync(List<Delivery> batch)
    {
        var shared = false;
        try
        {
            await ExecuteAsync(batch, batch[0].CancellationToken);
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
