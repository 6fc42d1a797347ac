using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using Shop.Messaging.Outbox;

namespace Shop.Messaging.Broker;

/// <summary>
/// Publishes outbox messages, and returns when the broker has them safe. Has a connection of its own, opened when it is first needed and
/// again after it was lost; while that fails it tries at most once a second.
/// </summary>
internal sealed partial class BrokerPublisher(
    ConnectionFactory connections, MessageTopology topology, TimeProvider clock, ILogger<BrokerPublisher> logger) : IAsyncDisposable
{
    private static readonly TimeSpan ReconnectInterval = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _connecting = new(1);
    private volatile BrokerChannel? _channel;
    private long? _failedAt;

    /// <summary>Whether messages can be published now; connects where that has not been tried too recently.</summary>
    public async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        try
        {
            await GetChannelAsync(cancellationToken);
            return true;
        }
        catch (BrokerUnavailableException)
        {
            return false;
        }
    }

    /// <summary>Publishes a message; many may be published at once.</summary>
    /// <exception cref="BrokerUnavailableException">There is no connection, or it was lost before the broker confirmed.</exception>
    /// <exception cref="UndeliverableMessageException">There is no queue for the message, or the queue refuses it.</exception>
    public async Task PublishAsync(OutboxMessage message, CancellationToken cancellationToken)
    {
        var channel = await GetChannelAsync(cancellationToken);
        try
        {
            if (!await channel.HasExchangeAsync(message.Destination, cancellationToken))
                throw new UndeliverableMessageException($"There is no exchange {message.Destination}.");
            await channel.PublishAsync(message, topology.IsMandatory(message.Destination), cancellationToken);
        }
        catch (PublishException refusal)
        {
            throw new UndeliverableMessageException(
                refusal.IsReturn ? $"No queue is bound to the exchange {message.Destination}." : "A queue refused the message.", refusal);
        }
        catch (Exception failure) when (failure is RabbitMQClientException or IOException or ObjectDisposedException)
        {
            await DropAsync(channel);
            throw new BrokerUnavailableException("The connection to the broker was lost.", failure);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_channel is { } channel)
            await channel.DisposeAsync();
        _connecting.Dispose();
    }

    private async Task<BrokerChannel> GetChannelAsync(CancellationToken cancellationToken)
    {
        if (_channel is { IsOpen: true } open)
            return open;

        await _connecting.WaitAsync(cancellationToken);
        try
        {
            if (_channel is { IsOpen: true } opened)
                return opened;
            if (_failedAt is { } failedAt && clock.GetElapsedTime(failedAt) < ReconnectInterval)
                throw new BrokerUnavailableException("The broker could not be reached a moment ago.");
            return await ConnectAsync(cancellationToken);
        }
        finally
        {
            _connecting.Release();
        }
    }

    private async Task<BrokerChannel> ConnectAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (_channel is { } lost)
                await lost.DisposeAsync();
            _channel = null;
            _channel = await BrokerChannel.OpenAsync(connections, topology, cancellationToken);
            if (_failedAt is not null)
                LogBack();
            _failedAt = null;
            return _channel;
        }
        catch (Exception failure) when (failure is RabbitMQClientException or IOException or TimeoutException)
        {
            if (_failedAt is null)
                LogAway(failure);
            _failedAt = clock.GetTimestamp();
            throw new BrokerUnavailableException("The broker cannot be reached.", failure);
        }
    }

    private async Task DropAsync(BrokerChannel channel)
    {
        if (Interlocked.CompareExchange(ref _channel, null, channel) == channel)
            await channel.DisposeAsync();
    }

    [LoggerMessage(LogLevel.Warning, "The broker cannot be reached: messages wait in the outbox")]
    private partial void LogAway(Exception failure);

    [LoggerMessage(LogLevel.Information, "The broker is back: the outbox is handed over")]
    private partial void LogBack();
}
