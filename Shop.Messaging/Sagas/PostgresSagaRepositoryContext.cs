using MassTransit;
using MassTransit.Context;
using MassTransit.Saga;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace Shop.Messaging.Sagas;

/// <summary>The saga store for one message: loads under a row lock. What changed is written with everything else, once, at the transaction's end.</summary>
internal sealed class PostgresSagaRepositoryContext<TSaga, TMessage>(
    DbContext database,
    ConsumeContext<TMessage> consumeContext,
    ISagaConsumeContextFactory<DbContext, TSaga> consumeContexts)
    : ConsumeContextScope<TMessage>(consumeContext, database), SagaRepositoryContext<TSaga, TMessage>
    where TSaga : class, ISaga
    where TMessage : class
{
    private static string? _lockStatement;

    private readonly ConsumeContext<TMessage> _consumeContext = consumeContext;

    public Task<SagaConsumeContext<TSaga, TMessage>> Add(TSaga instance) =>
        consumeContexts.CreateSagaConsumeContext(database, _consumeContext, instance, SagaConsumeContextMode.Add);

    public Task<SagaConsumeContext<TSaga, TMessage>> Insert(TSaga instance)
    {
        database.Add(instance);
        return consumeContexts.CreateSagaConsumeContext(database, _consumeContext, instance, SagaConsumeContextMode.Insert);
    }

    public async Task<SagaConsumeContext<TSaga, TMessage>> Load(Guid correlationId)
    {
        var instance = await LockAsync(correlationId);
        return instance is null
            ? null! // MassTransit's contract: no instance, no context
            : await consumeContexts.CreateSagaConsumeContext(database, _consumeContext, instance, SagaConsumeContextMode.Load);
    }

    public Task Save(SagaConsumeContext<TSaga> context)
    {
        database.Add(context.Saga);
        return Task.CompletedTask;
    }

    public Task Update(SagaConsumeContext<TSaga> context) => Task.CompletedTask;

    public Task Delete(SagaConsumeContext<TSaga> context)
    {
        database.Remove(context.Saga);
        return Task.CompletedTask;
    }

    public Task Discard(SagaConsumeContext<TSaga> context) => Task.CompletedTask;

    public Task Undo(SagaConsumeContext<TSaga> context)
    {
        database.Entry(context.Saga).State = EntityState.Unchanged;
        return Task.CompletedTask;
    }

    public Task<SagaConsumeContext<TSaga, T>> CreateSagaConsumeContext<T>(ConsumeContext<T> consumeContext, TSaga instance, SagaConsumeContextMode mode)
        where T : class =>
        consumeContexts.CreateSagaConsumeContext(database, consumeContext, instance, mode);

    /// <summary>
    /// The lock is a statement of its own: what is read with the saga, its navigations included, must be read by a later one, whose
    /// snapshot has what the message before this one committed.
    /// </summary>
    private async Task<TSaga?> LockAsync(Guid correlationId)
    {
        await using var lockRow = database.CreateCommand(LockStatement(), correlationId);
        // A saga that another message has just begun is not ours to load without its lock: ours fails on the key, and is tried again.
        if (await lockRow.ExecuteScalarAsync(CancellationToken) is null)
            return null;
        return await database.Set<TSaga>().SingleOrDefaultAsync(saga => saga.CorrelationId == correlationId, CancellationToken);
    }

    private string LockStatement() => _lockStatement ??= BuildLockStatement(
        database.Model.FindEntityType(typeof(TSaga))
        ?? throw new InvalidOperationException($"{typeof(TSaga).Name} is not an entity of {database.GetType().Name}."));

    private static string BuildLockStatement(IEntityType type) =>
        $"SELECT 1 FROM {type.GetSchemaQualifiedTableName()} WHERE {type.FindPrimaryKey()!.Properties.Single().GetColumnName()} = $1 FOR UPDATE";
}
