using System.Collections.Concurrent;
using System.Text;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using Shop.Messaging.Outbox;
using Shop.Tests.Messaging.Service;

namespace Shop.Tests.Messaging;

/// <summary>Committed messages reach the broker, whatever happens between commit and hand-over.</summary>
[Collection<SharedMessaging>]
public sealed class HandOverTests(MessagingServers servers)
{
    private readonly TestService _service = servers.Service;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Rows_LeftByACrash_AreSweptUpOnceByTwoReplicas()
    {
        await using var replica = await servers.StartServiceAsync();
        var (delivered, account) = (new ConcurrentQueue<string>(), Guid.CreateVersion7());
        await using var tap = await TapAsync(typeof(Deposited), delivered);
        var rows = await AbandonAsync(300, () => new Deposited(account, 1));

        await _service.OutboxIsEmptyAsync();

        await Eventually.IsTrue(() => delivered.Count >= rows.Length);
        Assert.Equal(rows.Select(row => row.MessageId.ToString()).Order(), delivered.Order());
        await Eventually.IsTrue(() => Received(_service) + Received(replica) == rows.Length);

        int Received(TestService service) => service.Mailbox.Of<Deposited>(message => message.AccountId == account).Length;
    }

    [Fact]
    public async Task Message_WithoutAQueue_WaitsForItWithoutHoldingUpOthers()
    {
        var (orphan, account) = (new Orphan(Guid.CreateVersion7()), Guid.CreateVersion7());

        await _service.PublishAsync(orphan);
        await _service.PublishAsync(new Deposited(account, 1));

        await _service.Mailbox.GetAsync<Deposited>(message => message.AccountId == account);
        await Eventually.IsTrue(async () => (await OrphansAsync()).Any(row => row.LastError?.Contains("no exchange") == true));
        await using var channel = await servers.OpenChannelAsync(Cancelled);
        var exchange = (await OrphansAsync())[0].Destination;
        await channel.ExchangeDeclareAsync(exchange, ExchangeType.Fanout, durable: true, cancellationToken: Cancelled);
        await Eventually.IsTrue(async () => (await OrphansAsync()).Any(row => row.LastError?.Contains("No queue") == true));
        var queue = await channel.QueueDeclareAsync("orphans", durable: true, exclusive: false, autoDelete: false, cancellationToken: Cancelled);
        await channel.QueueBindAsync(queue.QueueName, exchange, routingKey: "", cancellationToken: Cancelled);

        await _service.OutboxIsEmptyAsync();
        await Eventually.IsTrue(async () => await channel.MessageCountAsync(queue.QueueName, Cancelled) == 1);
        await channel.QueueDeleteAsync(queue.QueueName, cancellationToken: Cancelled);
        await channel.ExchangeDeleteAsync(exchange, cancellationToken: Cancelled);
    }

    [Fact]
    public async Task Message_KillsItsConsumerAgainAndAgain_EndsInTheDeadLetterQueue()
    {
        await using var channel = await servers.OpenChannelAsync(Cancelled);
        // What other tests have left there.
        await channel.QueuePurgeAsync("deadly", Cancelled);
        await channel.QueuePurgeAsync("deadly_dead", Cancelled);
        await _service.PublishAsync(new Deadly(Guid.CreateVersion7()));

        var deliveries = 0;
        await Eventually.IsTrue(async () =>
        {
            if (await channel.BasicGetAsync("deadly", autoAck: false, Cancelled) is not { } delivery)
                return await channel.MessageCountAsync("deadly_dead", Cancelled) == 1;
            deliveries++;
            await channel.BasicNackAsync(delivery.DeliveryTag, multiple: false, requeue: true, Cancelled);
            return false;
        });

        Assert.True(deliveries > 50, $"It was dead after {deliveries} deliveries.");
        await channel.QueuePurgeAsync("deadly_dead", Cancelled);
    }

    [Fact]
    public async Task Broker_IsAway_MessagesWaitAndThenLeave()
    {
        var account = Guid.CreateVersion7();
        await servers.StopBrokerAsync(Cancelled);
        try
        {
            foreach (var amount in Enumerable.Range(1, 20))
                await _service.PublishAsync(new Deposited(account, amount));

            // Others' messages may wait there too.
            Assert.Equal(20, (await _service.OutboxAsync()).Count(message => Encoding.UTF8.GetString(message.Body).Contains($"{account}", StringComparison.Ordinal)));
        }
        finally
        {
            await servers.StartBrokerAsync(Cancelled);
        }

        await Eventually.IsTrue(() => _service.Mailbox.Of<Deposited>(message => message.AccountId == account).Length == 20);
        await _service.OutboxIsEmptyAsync();
    }

    /// <summary>Leaves rows as a process does that dies between commit and hand-over, with their leases run out.</summary>
    private async Task<OutboxMessage[]> AbandonAsync<T>(int count, Func<T> message)
        where T : class
    {
        var rows = Array.Empty<OutboxMessage>();
        await _service.RequestAsync(async (database, publisher) =>
        {
            await using var transaction = await database.Database.BeginTransactionAsync(Cancelled);
            for (var i = 0; i < count; i++)
                await publisher.Publish(message(), Cancelled);
            await database.SaveChangesAsync(Cancelled);
            rows = [.. database.ChangeTracker.Entries<OutboxMessage>().Select(entry => entry.Entity)];
            database.ChangeTracker.Clear(); // so nobody knows of them
            await database.Database.ExecuteSqlAsync($"UPDATE outbox_messages SET available_at = clock_timestamp()", Cancelled);
            await transaction.CommitAsync(Cancelled);
        });
        return rows;
    }

    /// <summary>Listens to what the broker is given, duplicates included.</summary>
    private async Task<IChannel> TapAsync(Type messageType, ConcurrentQueue<string> messageIds)
    {
        var channel = await servers.OpenChannelAsync(Cancelled);
        Assert.True(_service.Bus.Topology.TryGetPublishAddress(messageType, out var address));
        var queue = await channel.QueueDeclareAsync(cancellationToken: Cancelled);
        await channel.QueueBindAsync(
            queue.QueueName, new RabbitMqEndpointAddress(_service.Bus.Address, address).Name, routingKey: "", cancellationToken: Cancelled);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, delivery) =>
        {
            messageIds.Enqueue(delivery.BasicProperties.MessageId!);
            return Task.CompletedTask;
        };
        await channel.BasicConsumeAsync(queue.QueueName, autoAck: true, consumer, Cancelled);
        return channel;
    }

    private async Task<OutboxMessage[]> OrphansAsync() =>
        [.. (await _service.OutboxAsync()).Where(row => row.MessageType.Contains(nameof(Orphan), StringComparison.Ordinal))];
}
