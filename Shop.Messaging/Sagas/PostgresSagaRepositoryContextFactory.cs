using MassTransit;
using MassTransit.Saga;
using Microsoft.EntityFrameworkCore;

namespace Shop.Messaging.Sagas;

/// <summary>Opens the saga store for one message, inside the transaction that <see cref="Consuming.TransactionFilter{T}"/> began.</summary>
internal sealed class PostgresSagaRepositoryContextFactory<TSaga>(
    DbContext database,
    LockedSagas<TSaga> sagas,
    ISagaConsumeContextFactory<DbContext, TSaga> consumeContexts)
    : ISagaRepositoryContextFactory<TSaga>
    where TSaga : class, ISaga
{
    public Task Send<T>(ConsumeContext<T> context, IPipe<SagaRepositoryContext<TSaga, T>> next)
        where T : class =>
        next.Send(new PostgresSagaRepositoryContext<TSaga, T>(database, sagas, context, consumeContexts));

    public Task SendQuery<T>(ConsumeContext<T> context, ISagaQuery<TSaga> query, IPipe<SagaRepositoryQueryContext<TSaga, T>> next)
        where T : class =>
        throw new NotSupportedException($"{typeof(TSaga).Name}: correlate {typeof(T).Name} by id; the saga store finds sagas by nothing else.");

    public void Probe(ProbeContext context) => context.Add("persistence", "postgres");
}
