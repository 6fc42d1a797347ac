using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Shop.Messaging.Consuming;

namespace Shop.Messaging.Sagas;

/// <summary>The sagas that the current transaction has locked and loaded.</summary>
internal sealed class LockedSagas<TSaga>(DbContext database)
    where TSaga : class, MassTransit.ISaga
{
    /// <summary>Compiled once: every message of the saga asks for it.</summary>
    private static readonly Func<DbContext, Guid[], IAsyncEnumerable<TSaga>> Load = EF.CompileAsyncQuery(
        (DbContext database, Guid[] ids) => database.Set<TSaga>().Where(saga => ids.Contains(saga.CorrelationId)));

    private static string? _lockStatement;

    private readonly Dictionary<Guid, TSaga> _sagas = [];

    /// <summary>The saga, locked until the transaction ends; null where there is none.</summary>
    public async Task<TSaga?> GetAsync(Guid id, CancellationToken cancellationToken)
    {
        if (!_sagas.ContainsKey(id))
            await LoadAsync([id], cancellationToken);
        return _sagas.GetValueOrDefault(id);
    }

    /// <summary>
    /// The lock is a statement of its own: what is read with the saga, its navigations included, must be read by a later one, whose
    /// snapshot has what the message before this one committed.
    /// </summary>
    public async Task LoadAsync(Guid[] ids, CancellationToken cancellationToken)
    {
        await using var lockRows = database.CreateCommand(LockStatement(), ids);
        // A saga that another message has just begun is not ours to load without its lock: ours fails on the key, and is tried again.
        if (await lockRows.ExecuteScalarAsync(cancellationToken) is not Guid[] { Length: > 0 } locked)
            return;
        await foreach (var saga in Load(database, locked).WithCancellation(cancellationToken))
            _sagas[saga.CorrelationId] = saga;
    }

    private string LockStatement() => _lockStatement ??= BuildLockStatement(
        database.Model.FindEntityType(typeof(TSaga))
        ?? throw new InvalidOperationException($"{typeof(TSaga).Name} is not an entity of {database.GetType().Name}."));

    private static string BuildLockStatement(IEntityType type)
    {
        var key = type.FindPrimaryKey()!.Properties.Single().GetColumnName();
        return $"SELECT array_agg({key}) FROM (SELECT {key} FROM {type.GetSchemaQualifiedTableName()} WHERE {key} = ANY ($1) ORDER BY {key} FOR UPDATE) AS locked";
    }
}

/// <summary>Locks and loads the sagas of all messages of a transaction, before they are handled.</summary>
internal sealed class SagaBatchLoader<TSaga>(Func<object, Guid> correlate) : IBatchLoader
    where TSaga : class, MassTransit.ISaga
{
    public Task LoadAsync(IServiceProvider scope, IReadOnlyList<object> messages, CancellationToken cancellationToken) =>
        scope.GetRequiredService<LockedSagas<TSaga>>().LoadAsync([.. messages.Select(correlate).Distinct()], cancellationToken);
}
