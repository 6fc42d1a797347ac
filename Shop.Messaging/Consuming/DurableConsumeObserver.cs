using MassTransit;
using MassTransit.Configuration;
using MassTransit.DependencyInjection;
using Microsoft.Extensions.DependencyInjection;
using Shop.Messaging.Sagas;

namespace Shop.Messaging.Consuming;

/// <summary>Puts retry and transaction, in this order from the outside in, around every consumer and saga of a queue.</summary>
internal sealed class DurableConsumeObserver(IRegistrationContext context, string queue) : IConsumerConfigurationObserver, ISagaConfigurationObserver
{
    private readonly ConsumeScopeProvider _scopes = new(context);
    private readonly QueueTransactions _transactions = ActivatorUtilities.CreateInstance<QueueTransactions>(context, queue);

    public void ConsumerMessageConfigured<TConsumer, TMessage>(IConsumerMessageConfigurator<TConsumer, TMessage> configurator)
        where TConsumer : class
        where TMessage : class
    {
        if (typeof(TConsumer).IsAssignableTo(typeof(IBatchedConsumer<TMessage>)))
            _transactions.Share(new ConsumerBatchLoader<TConsumer, TMessage>());
        AddFilters((IConsumerMessageConfigurator<TMessage>)configurator);
    }

    public void SagaMessageConfigured<TSaga, TMessage>(ISagaMessageConfigurator<TSaga, TMessage> configurator)
        where TSaga : class, ISaga
        where TMessage : class =>
        AddFilters((ISagaMessageConfigurator<TMessage>)configurator);

    public void ConsumerConfigured<TConsumer>(IConsumerConfigurator<TConsumer> configurator)
        where TConsumer : class
    {
    }

    public void SagaConfigured<TSaga>(ISagaConfigurator<TSaga> configurator)
        where TSaga : class, ISaga
    {
        if (context.GetService<SagaBatchLoader<TSaga>>() is { } loader)
            _transactions.Share(loader);
    }

    public void StateMachineSagaConfigured<TInstance>(ISagaConfigurator<TInstance> configurator, SagaStateMachine<TInstance> stateMachine)
        where TInstance : class, ISaga, SagaStateMachineInstance
    {
    }

    private void AddFilters<TMessage>(IPipeConfigurator<ConsumeContext<TMessage>> pipe)
        where TMessage : class
    {
        pipe.UseFilter(ActivatorUtilities.CreateInstance<RetryFilter<TMessage>>(context, queue));
        pipe.UseFilter(ActivatorUtilities.CreateInstance<TransactionFilter<TMessage>>(context, _transactions, _scopes));
    }
}
