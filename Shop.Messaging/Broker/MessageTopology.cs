using MassTransit;
using RabbitMQ.Client;

namespace Shop.Messaging.Broker;

/// <summary>
/// Who must get what. A publisher declares the exchanges, queues and bindings of all messages before it hands over the first, so that
/// none is lost because its consumer has never run.
/// </summary>
internal sealed class MessageTopology
{
    private readonly Dictionary<string, string[]> _queuesByExchange;
    private readonly string[] _queues;

    public MessageTopology(IBus bus, IReadOnlyDictionary<Type, string[]> routes)
    {
        _queuesByExchange = routes.ToDictionary(route => ExchangeOf(bus, route.Key), route => route.Value);
        _queues = [.. routes.Values.SelectMany(queues => queues).Distinct()];
    }

    /// <summary>The exchanges that <see cref="DeclareAsync"/> declares.</summary>
    public IEnumerable<string> Exchanges => _queuesByExchange.Keys.Concat(_queues);

    /// <summary>The consumers' queues, of all services.</summary>
    public IReadOnlyList<string> Queues => _queues;

    /// <summary>Whether the message must reach a queue: false only for facts that, by the table, nobody needs.</summary>
    public bool IsMandatory(string exchange) => !_queuesByExchange.TryGetValue(exchange, out var queues) || queues.Length > 0;

    /// <summary>Declares all of it; what exists already stays as it is.</summary>
    public async Task DeclareAsync(IChannel channel, CancellationToken cancellationToken)
    {
        foreach (var queue in _queues)
        {
            await DeclareQueueAsync(channel, QueueArguments.DeadLetterQueue(queue), QueueArguments.OfDeadLetters(), cancellationToken);
            // As MassTransit would with the first message that it puts there: so that it can be looked at before, too.
            await DeclareQueueAsync(channel, QueueArguments.ErrorQueue(queue), QueueArguments.OfDeadLetters(), cancellationToken);
            await DeclareQueueAsync(channel, queue, QueueArguments.OfConsumer(queue), cancellationToken);
        }

        foreach (var (exchange, queues) in _queuesByExchange)
        {
            await channel.ExchangeDeclareAsync(exchange, ExchangeType.Fanout, durable: true, autoDelete: false, cancellationToken: cancellationToken);
            foreach (var queue in queues)
                await channel.ExchangeBindAsync(queue, exchange, routingKey: "", cancellationToken: cancellationToken);
        }
    }

    private static async Task DeclareQueueAsync(
        IChannel channel, string queue, Dictionary<string, object?> arguments, CancellationToken cancellationToken)
    {
        await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: cancellationToken);
        await channel.ExchangeDeclareAsync(queue, ExchangeType.Fanout, durable: true, autoDelete: false, cancellationToken: cancellationToken);
        await channel.QueueBindAsync(queue, queue, routingKey: "", cancellationToken: cancellationToken);
    }

    private static string ExchangeOf(IBus bus, Type messageType) =>
        bus.Topology.TryGetPublishAddress(messageType, out var address)
            ? new RabbitMqEndpointAddress(bus.Address, address).Name
            : throw new ArgumentException($"{messageType} cannot be published.", nameof(messageType));
}
