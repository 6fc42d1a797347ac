using MassTransit;
using MassTransit.Configuration;
using MassTransit.Saga;
using Microsoft.EntityFrameworkCore;

namespace Shop.Messaging.Sagas;

/// <summary>Keeps a saga in the service's own Postgres database.</summary>
public static class PostgresSagaRegistrationExtensions
{
    /// <summary>
    /// Stores <typeparamref name="TSaga"/>, an entity of the service's DbContext, in the same transaction as everything else the message
    /// changes. The row is locked while a message is handled, so that two messages for one saga follow each other.
    /// </summary>
    public static ISagaRegistrationConfigurator<TSaga> PostgresRepository<TSaga>(this ISagaRegistrationConfigurator<TSaga> saga)
        where TSaga : class, ISaga =>
        saga.Repository(repository => repository.RegisterSagaRepository<
            TSaga,
            DbContext,
            SagaConsumeContextFactory<DbContext, TSaga>,
            PostgresSagaRepositoryContextFactory<TSaga>>());
}
