using System.Collections.Concurrent;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using Shop.Messaging.Outbox;

namespace Shop.Messaging.Broker;

/// <summary>One connection to the broker, with the channel that messages are published on.</summary>
internal sealed class BrokerChannel : IAsyncDisposable
{
    private readonly IConnection _connection;
    private readonly IChannel _channel;
    private readonly ConcurrentDictionary<string, bool> _exchanges;

    // Never disposed of, which it does not need: who waits for it must get it, and then the answer that the connection is gone.
    private readonly SemaphoreSlim _asking = new(1);

    private BrokerChannel(IConnection connection, IChannel channel, IEnumerable<string> exchanges)
    {
        (_connection, _channel) = (connection, channel);
        _exchanges = new(exchanges.ToDictionary(exchange => exchange, _ => true));
    }

    public bool IsOpen => _channel.IsOpen;

    /// <summary>Connects, and declares all that messages may need.</summary>
    public static async Task<BrokerChannel> OpenAsync(ConnectionFactory connections, MessageTopology topology, CancellationToken cancellationToken)
    {
        var connection = await connections.CreateConnectionAsync(cancellationToken);
        try
        {
            await using (var declaring = await connection.CreateChannelAsync(cancellationToken: cancellationToken))
                await topology.DeclareAsync(declaring, cancellationToken);

            // Without a rate limiter: how many are in flight is the dispatcher's business.
            var confirmed = new CreateChannelOptions(
                publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true, outstandingPublisherConfirmationsRateLimiter: null);
            return new BrokerChannel(connection, await connection.CreateChannelAsync(confirmed, cancellationToken), topology.Exchanges);
        }
        catch (Exception)
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Looks before it publishes: an exchange that is missing would close the channel under all other messages.</summary>
    public async ValueTask<bool> HasExchangeAsync(string exchange, CancellationToken cancellationToken)
    {
        if (_exchanges.ContainsKey(exchange))
            return true;

        await _asking.WaitAsync(cancellationToken);
        try
        {
            await using var asking = await _connection.CreateChannelAsync(cancellationToken: cancellationToken);
            await asking.ExchangeDeclarePassiveAsync(exchange, cancellationToken);
            _exchanges[exchange] = true;
            return true;
        }
        catch (OperationInterruptedException answer) when (answer.ShutdownReason?.ReplyCode == Constants.NotFound)
        {
            return false;
        }
        finally
        {
            _asking.Release();
        }
    }

    /// <summary>Returns when the broker has confirmed the message.</summary>
    public ValueTask PublishAsync(OutboxMessage message, bool mandatory, CancellationToken cancellationToken)
    {
        var properties = new BasicProperties
        {
            MessageId = message.MessageId.ToString(),
            ContentType = message.ContentType,
            DeliveryMode = DeliveryModes.Persistent,
            Headers = message.Headers.ToDictionary(header => header.Key, header => (object?)header.Value),
        };
        return _channel.BasicPublishAsync(message.Destination, routingKey: "", mandatory, properties, message.Body, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
    }
}
