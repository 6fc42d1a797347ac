using MassTransit;
using MassTransit.Configuration;
using MassTransit.Saga;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Shop.Messaging.Sagas;

/// <summary>Keeps a saga in the service's own Postgres database.</summary>
public static class PostgresSagaRegistrationExtensions
{
    /// <summary>
    /// Stores <typeparamref name="TSaga"/>, an entity of the service's DbContext, in the same transaction as everything else the message
    /// changes. The row is locked while a message is handled, so that two messages for one saga follow each other.
    /// </summary>
    /// <param name="saga">The saga.</param>
    /// <param name="correlate">
    /// Which saga a message is for. Where given, messages that wait at the same time share a transaction, and their sagas are locked in the
    /// order of their ids by one statement.
    /// </param>
    public static ISagaRegistrationConfigurator<TSaga> PostgresRepository<TSaga>(
        this ISagaRegistrationConfigurator<TSaga> saga, Func<object, Guid>? correlate = null)
        where TSaga : class, ISaga =>
        saga.Repository(repository =>
        {
            repository.RegisterSagaRepository<
                TSaga,
                DbContext,
                SagaConsumeContextFactory<DbContext, TSaga>,
                PostgresSagaRepositoryContextFactory<TSaga>>();
            repository.AddScoped<LockedSagas<TSaga>>();
            if (correlate is not null)
                repository.AddSingleton(new SagaBatchLoader<TSaga>(correlate));
        });
}
