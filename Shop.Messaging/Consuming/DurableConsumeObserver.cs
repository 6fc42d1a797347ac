using MassTransit;
using MassTransit.Configuration;
using MassTransit.DependencyInjection;
using Microsoft.Extensions.DependencyInjection;

namespace Shop.Messaging.Consuming;

/// <summary>Puts retry and transaction, in this order from the outside in, around every consumer and saga of a queue.</summary>
internal sealed class DurableConsumeObserver(IRegistrationContext context, string queue) : IConsumerConfigurationObserver, ISagaConfigurationObserver
{
    private readonly ConsumeScopeProvider _scopes = new(context);

    public void ConsumerMessageConfigured<TConsumer, TMessage>(IConsumerMessageConfigurator<TConsumer, TMessage> configurator)
        where TConsumer : class
        where TMessage : class =>
        AddFilters((IConsumerMessageConfigurator<TMessage>)configurator);

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
    }

    public void StateMachineSagaConfigured<TInstance>(ISagaConfigurator<TInstance> configurator, SagaStateMachine<TInstance> stateMachine)
        where TInstance : class, ISaga, SagaStateMachineInstance
    {
    }

    private void AddFilters<TMessage>(IPipeConfigurator<ConsumeContext<TMessage>> pipe)
        where TMessage : class
    {
        pipe.UseFilter(ActivatorUtilities.CreateInstance<RetryFilter<TMessage>>(context, queue));
        pipe.UseFilter(ActivatorUtilities.CreateInstance<TransactionFilter<TMessage>>(context, queue, _scopes));
    }
}
