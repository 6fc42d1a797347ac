using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Shop.Messaging.Outbox;

/// <summary>
/// Notices outbox rows that have been committed, whoever committed them. It keeps no state of its own: contexts are pooled, so a row
/// that is saved and still tracked is one whose transaction has not ended.
/// </summary>
internal sealed class OutboxInterceptor : ISaveChangesInterceptor, IDbTransactionInterceptor
{
    /// <summary>Called with each message that may leave now.</summary>
    public event Action<OutboxMessage>? Committed;

    /// <summary>Called with each message that may leave when it is due.</summary>
    public event Action<OutboxMessage>? Scheduled;

    /// <summary>
    /// Without savepoints, which are two round trips more: a transaction whose save has failed is given up here, never gone on with.
    /// </summary>
    public InterceptionResult<int> SavingChanges(DbContextEventData eventData, InterceptionResult<int> result)
    {
        eventData.Context!.Database.AutoSavepointsEnabled = false;
        return result;
    }

    public ValueTask<InterceptionResult<int>> SavingChangesAsync(
        DbContextEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default) =>
        new(SavingChanges(eventData, result));

    public int SavedChanges(SaveChangesCompletedEventData eventData, int result)
    {
        OnSaved(eventData.Context!);
        return result;
    }

    public ValueTask<int> SavedChangesAsync(SaveChangesCompletedEventData eventData, int result, CancellationToken cancellationToken = default)
    {
        OnSaved(eventData.Context!);
        return new(result);
    }

    public void TransactionCommitted(DbTransaction transaction, TransactionEndEventData eventData) =>
        OnCommitted(eventData.Context!, eventData.TransactionId);

    public Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        OnCommitted(eventData.Context!, eventData.TransactionId);
        return Task.CompletedTask;
    }

    /// <summary>Tells of a message that has been committed past EF Core.</summary>
    public void Release(OutboxMessage message) => (message.IsScheduled ? Scheduled : Committed)?.Invoke(message);

    private void OnSaved(DbContext context)
    {
        // Where SaveChanges made a transaction of its own, or needed none, it is over.
        var transaction = context.Database.CurrentTransaction;
        foreach (var entry in SavedMessages(context))
        {
            if (transaction is null)
                Release(entry);
            else
                entry.Entity.TransactionId ??= transaction.TransactionId;
        }
    }

    private void OnCommitted(DbContext context, Guid transactionId)
    {
        // A context may have been used for a transaction that was rolled back before this one.
        foreach (var entry in SavedMessages(context).Where(entry => entry.Entity.TransactionId == transactionId))
            Release(entry);
    }

    private void Release(EntityEntry<OutboxMessage> entry)
    {
        entry.State = EntityState.Detached;
        Release(entry.Entity);
    }

    private static List<EntityEntry<OutboxMessage>> SavedMessages(DbContext context)
    {
        // Entries() would compare every tracked entity with its snapshot first.
        var tracker = context.ChangeTracker;
        var detectsChanges = tracker.AutoDetectChangesEnabled;
        tracker.AutoDetectChangesEnabled = false;
        try
        {
            return [.. tracker.Entries<OutboxMessage>().Where(entry => entry.State is EntityState.Unchanged)];
        }
        finally
        {
            tracker.AutoDetectChangesEnabled = detectsChanges;
        }
    }
}
