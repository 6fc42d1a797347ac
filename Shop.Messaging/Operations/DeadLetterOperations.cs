using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using MassTransit;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using Shop.Messaging.Broker;
using Shop.Messaging.Consuming;

namespace Shop.Messaging.Operations;

/// <summary>Lists the messages that were put aside, of all queues in the table of routes, and sends them back to their consumers.</summary>
public sealed class DeadLetterOperations
{
    private readonly ConnectionFactory _connections;
    private readonly MessageTopology _topology;
    private readonly MessagingOptions _options;

    internal DeadLetterOperations(ConnectionFactory connections, MessageTopology topology, MessagingOptions options) =>
        (_connections, _topology, _options) = (connections, topology, options);

    /// <summary>How many messages lie in each queue in which there are any.</summary>
    public Task<IReadOnlyDictionary<string, long>> CountAsync(CancellationToken cancellationToken) =>
        CountAsync(_topology.Queues.SelectMany(QueuesBeside), cancellationToken);

    internal async Task<IReadOnlyDictionary<string, long>> CountAsync(IEnumerable<string> queues, CancellationToken cancellationToken)
    {
        await using var connection = await _connections.CreateConnectionAsync(cancellationToken);
        var counts = new SortedDictionary<string, long>(StringComparer.Ordinal);
        IChannel? channel = null;
        try
        {
            foreach (var queue in queues)
            {
                // The broker closes one that has asked for a queue that is not there.
                if (channel is not { IsOpen: true })
                    channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
                if (await CountAsync(channel, queue, cancellationToken) is > 0 and var count)
                    counts[queue] = count;
            }
        }
        finally
        {
            if (channel is not null)
                await channel.DisposeAsync();
        }

        return counts;
    }

    /// <summary>Whether it is a queue in which messages are put aside.</summary>
    public bool Knows(string queue) => _topology.Queues.Any(consumer => QueuesBeside(consumer).Contains(queue));

    /// <summary>The oldest of each queue. While it looks, a message is not there for another who looks.</summary>
    /// <param name="limit">How many of each queue at most.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    public async Task<IReadOnlyList<DeadLetter>> ListAsync(int limit, CancellationToken cancellationToken)
    {
        await using var connection = await _connections.CreateConnectionAsync(cancellationToken);
        var found = new List<DeadLetter>();
        foreach (var queue in _topology.Queues.SelectMany(QueuesBeside))
        {
            // What was taken and not acknowledged goes back when the channel closes.
            await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
            await foreach (var message in TakeAsync(channel, queue, limit, cancellationToken))
                found.Add(Describe(queue, message));
        }

        return found;
    }

    /// <summary>Sends a message back to its consumer, to be tried as if it were new.</summary>
    /// <param name="queue">Where it lies; <see cref="DeadLetter.Queue"/>.</param>
    /// <param name="messageId">Its id.</param>
    /// <param name="cancellationToken">Ends the search; what has been sent is sent.</param>
    /// <returns>False where it was not found.</returns>
    public async Task<bool> RedeliverAsync(string queue, string messageId, CancellationToken cancellationToken) =>
        await RedeliverWantedAsync(queue, messageId, cancellationToken) > 0;

    /// <summary>Sends all messages of a queue back to their consumer.</summary>
    /// <param name="queue">Where they lie; <see cref="DeadLetter.Queue"/>.</param>
    /// <param name="cancellationToken">Ends the work; what has been sent is sent.</param>
    /// <returns>How many there were.</returns>
    public Task<int> RedeliverAllAsync(string queue, CancellationToken cancellationToken) => RedeliverWantedAsync(queue, null, cancellationToken);

    private async Task<int> RedeliverWantedAsync(string queue, string? messageId, CancellationToken cancellationToken)
    {
        var consumer = _topology.Queues.SingleOrDefault(candidate => QueuesBeside(candidate).Contains(queue))
            ?? throw new ArgumentException($"{queue} is not the error, skipped or dead-letter queue of any consumer.", nameof(queue));
        await using var connection = await _connections.CreateConnectionAsync(cancellationToken);
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true), cancellationToken);
        var redelivered = 0;
        var met = new HashSet<string>();
        await foreach (var message in TakeAsync(channel, queue, int.MaxValue, cancellationToken))
        {
            var id = message.BasicProperties.MessageId ?? "";
            // What is met again has failed again already: sent once more, it would go in circles.
            if ((messageId is not null && id != messageId) || !met.Add(id))
                continue;
            await channel.BasicPublishAsync(consumer, routingKey: "", mandatory: true, AsNew(message), message.Body, cancellationToken);
            await channel.BasicAckAsync(message.DeliveryTag, multiple: false, CancellationToken.None);
            redelivered++;
        }

        return redelivered;
    }

    private static async IAsyncEnumerable<BasicGetResult> TakeAsync(
        IChannel channel, string queue, int limit, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (await CountAsync(channel, queue, cancellationToken) is null)
            yield break;

        // Not only as many as were counted: what somebody has just looked at is not counted, and comes back.
        for (var i = 0; i < limit && await channel.BasicGetAsync(queue, autoAck: false, cancellationToken) is { } message; i++)
            yield return message;
    }

    /// <summary>Null where the queue is not there: nothing was ever put aside.</summary>
    private static async Task<long?> CountAsync(IChannel channel, string queue, CancellationToken cancellationToken)
    {
        try
        {
            return (await channel.QueueDeclarePassiveAsync(queue, cancellationToken)).MessageCount;
        }
        catch (OperationInterruptedException missing) when (missing.ShutdownReason?.ReplyCode == Constants.NotFound)
        {
            return null;
        }
    }

    private static string[] QueuesBeside(string queue) => [QueueArguments.ErrorQueue(queue), $"{queue}_skipped", QueueArguments.DeadLetterQueue(queue)];

    private DeadLetter Describe(string queue, BasicGetResult message)
    {
        var properties = message.BasicProperties;
        return new DeadLetter(
            queue,
            properties.MessageId ?? "",
            Header(properties, MessageHeaders.FaultMessageType),
            Header(properties, MessageHeaders.FaultMessage) ?? Header(properties, MessageHeaders.Reason) ?? Header(properties, "x-first-death-reason"),
            DateTimeOffset.TryParse(
                Header(properties, MessageHeaders.FaultTimestamp), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
                ? at
                : null,
            Attempts(properties),
            (properties.Headers ?? new Dictionary<string, object?>())
                .Where(header => header.Value is byte[] && header.Key != MessageHeaders.FaultStackTrace)
                .ToDictionary(header => header.Key, header => Header(properties, header.Key)!));
    }

    private int? Attempts(IReadOnlyBasicProperties properties)
    {
        if (properties.Headers?.TryGetValue("x-delivery-count", out var deliveries) == true && deliveries is long count)
            return (int)count + 1;
        return Header(properties, MessageHeaders.FaultMessage) is null
            ? null
            : (Redelivery.AttemptOf(Header(properties, Redelivery.AttemptHeader)) + 1) * (_options.ImmediateRetries + 1);
    }

    private static BasicProperties AsNew(BasicGetResult message) => new(message.BasicProperties)
    {
        Headers = message.BasicProperties.Headers?
            .Where(header => header.Key.StartsWith("MT-Activity", StringComparison.Ordinal))
            .ToDictionary(header => header.Key, header => header.Value),
    };

    private static string? Header(IReadOnlyBasicProperties properties, string key) =>
        properties.Headers is { } headers && headers.TryGetValue(key, out var value) && value is byte[] text ? Encoding.UTF8.GetString(text) : null;
}
