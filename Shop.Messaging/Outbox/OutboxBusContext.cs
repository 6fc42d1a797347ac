using MassTransit;
using MassTransit.Clients;
using MassTransit.DependencyInjection;
using MassTransit.Middleware.Outbox;
using MassTransit.Transports;

namespace Shop.Messaging.Outbox;

/// <summary>
/// What <see cref="IPublishEndpoint"/> and <see cref="ISendEndpointProvider"/> are in a scope: the consumer's own while a message is
/// consumed, otherwise (a request) the scope's outbox.
/// </summary>
internal sealed class OutboxBusContextProvider : IScopedBusContextProvider<IBus>
{
    public OutboxBusContextProvider(
        IBus bus,
        OutboxWriter outbox,
        Bind<IBus, IClientFactory> clients,
        Bind<IBus, IScopedConsumeContextProvider> consumeContexts,
        IServiceProvider services)
    {
        Context = consumeContexts.Value.HasContext
            ? new ConsumeContextScopedBusContext(consumeContexts.Value.GetContext(), clients.Value)
            : new OutboxBusContext(bus, outbox, clients.Value, services);
    }

    public ScopedBusContext Context { get; }

    private sealed class OutboxBusContext(IBus bus, OutboxWriter outbox, IClientFactory clients, IServiceProvider services) : ScopedBusContext
    {
        private readonly Lazy<IScopedClientFactory> _clientFactory =
            new(() => new ScopedClientFactory(new ClientFactory(new ScopedClientFactoryContext(clients, services)), null));

        public ISendEndpointProvider SendEndpointProvider { get; } = new OutboxSendEndpointProvider(outbox, bus);

        public IPublishEndpoint PublishEndpoint { get; } = new PublishEndpoint(new OutboxPublishEndpointProvider(outbox, bus));

        public IScopedClientFactory ClientFactory => _clientFactory.Value;
    }
}
