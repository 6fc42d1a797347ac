using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using RabbitMQ.Client;
using Shop.Messaging.Inbox;
using Shop.Messaging.Operations;
using Shop.Tests.Messaging.Service;

namespace Shop.Tests.Messaging;

/// <summary>What operators see and do.</summary>
[Collection<SharedMessaging>]
public sealed class OperationsTests(MessagingServers servers)
{
    private readonly TestService _service = servers.Service;
    private readonly Guid _account = Guid.CreateVersion7();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private DeadLetterOperations DeadLetters => _service.Services.GetRequiredService<DeadLetterOperations>();

    [Fact]
    public async Task DeadLetter_Redelivered_IsConsumedAndGone()
    {
        // Fails six times, and would succeed the seventh.
        await _service.PublishAsync(new Deposit(_account, 1, Behaviours.FailSixTimes), new Deposit(_account, 2, Behaviours.FailAlways));
        var letters = new List<DeadLetter>();
        await Eventually.IsTrue(async () =>
        {
            letters = [.. (await DeadLetters.ListAsync(100, Cancelled)).Where(letter => letter.Reason == $"Account {_account} is closed.")];
            return letters.Count == 2;
        });
        Assert.All(letters, letter => Assert.Equal("deposit_error", letter.Queue));
        Assert.All(letters, letter => Assert.InRange(letter.FailedAt!.Value, DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow.AddMinutes(1)));
        var curable = _service.Mailbox.Of<Deposit>(message => message == new Deposit(_account, 1, Behaviours.FailSixTimes))[0].MessageId;

        Assert.True(await DeadLetters.RedeliverAsync("deposit_error", curable.ToString(), Cancelled));

        await _service.Mailbox.GetAsync<Deposited>(message => message == new Deposited(_account, 1));
        Assert.Single(await _service.AmountsAsync(_account));
        Assert.False(await DeadLetters.RedeliverAsync("deposit_error", curable.ToString(), Cancelled));
        Assert.Equal(1, await DeadLetters.RedeliverAllAsync("deposit_error", Cancelled));
        await Eventually.IsTrue(() => _service.Mailbox.Of<Deposit>(message => message.AccountId == _account && message.Amount == 2).Length == 12);
        await Eventually.IsTrue(async () => await DeadLetters.RedeliverAllAsync("deposit_error", Cancelled) == 1);
        await Eventually.IsTrue(() => _service.Mailbox.Of<Deposit>(message => message.AccountId == _account && message.Amount == 2).Length == 18);
    }

    [Fact]
    public async Task DeadLetters_FailAgainAtOnce_AreRedeliveredOnceEach()
    {
        const int Count = 30;
        await using var channel = await servers.OpenChannelAsync(Cancelled);
        for (var i = 0; i < Count; i++)
            await channel.BasicPublishAsync("receive-reminder", "", mandatory: true, Properties(Guid.CreateVersion7()), "no JSON at all"u8.ToArray(), Cancelled);
        await Eventually.IsTrue(async () => await channel.MessageCountAsync("receive-reminder_error", Cancelled) == Count);

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        patience.CancelAfter(Eventually.Patience);
        var redelivered = await DeadLetters.RedeliverAllAsync("receive-reminder_error", patience.Token);

        Assert.Equal(Count, redelivered);
        await Eventually.IsTrue(async () => await channel.MessageCountAsync("receive-reminder_error", Cancelled) == Count);
        await channel.QueuePurgeAsync("receive-reminder_error", Cancelled);
    }

    [Fact]
    public async Task DeadLetter_OfAConsumerThatCrashed_GoesBackToItsQueue()
    {
        var messageId = Guid.CreateVersion7();
        await using var channel = await servers.OpenChannelAsync(Cancelled);
        await channel.BasicPublishAsync("deadly_dead", "", mandatory: true, Properties(messageId), "{}"u8.ToArray(), Cancelled);
        await Eventually.IsTrue(async () => (await DeadLetters.ListAsync(100, Cancelled)).Any(letter => letter.MessageId == messageId.ToString()));

        Assert.True(await DeadLetters.RedeliverAsync("deadly_dead", messageId.ToString(), Cancelled));

        await Eventually.IsTrue(async () => (await channel.BasicGetAsync("deadly", autoAck: true, Cancelled))?.BasicProperties.MessageId == messageId.ToString());
    }

    private static BasicProperties Properties(Guid messageId) => new()
    {
        MessageId = messageId.ToString(), ContentType = "application/vnd.masstransit+json", DeliveryMode = DeliveryModes.Persistent,
    };

    [Fact]
    public async Task Outbox_WithScheduledMessage_CountsItAsNotDue()
    {
        var token = Guid.Empty;
        await using var scope = _service.Services.CreateAsyncScope();
        var operations = scope.ServiceProvider.GetRequiredService<OutboxOperations>();
        var database = scope.ServiceProvider.GetRequiredService<TestDbContext>();
        var scheduler = scope.ServiceProvider.GetRequiredService<IMessageScheduler>();
        token = (await scheduler.SchedulePublish(DateTime.UtcNow.AddMinutes(5), new Reminder(_account, "later"), Cancelled)).TokenId;
        await database.SaveChangesAsync(Cancelled);

        OutboxStatus? status = null;
        await Eventually.IsTrue(async () => (status = await operations.GetOutboxAsync(Cancelled)).Due == 0);

        Assert.Equal(TimeSpan.Zero, status!.Lag);
        Assert.True(status.Scheduled >= 1);
        Assert.True(await operations.EstimateInboxAsync(Cancelled) >= 0);
        await using var transaction = await database.Database.BeginTransactionAsync(Cancelled);
        await scheduler.CancelScheduledPublish<Reminder>(token, Cancelled);
        await transaction.CommitAsync(Cancelled);
    }

    [Fact]
    public async Task Inbox_OlderThanItsRetention_IsForgotten()
    {
        var (old, young) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await _service.RequestAsync(async (database, _) =>
        {
            database.AddRange(
                Enumerable.Range(0, 2500).Select(_ => Seen(Guid.CreateVersion7(), 8)).Append(Seen(old, 8)).Append(Seen(young, 6)));
            await database.SaveChangesAsync(Cancelled);
        });
        await using var replica = await servers.StartServiceAsync(("Messaging:InboxCleaningInterval", "00:00:00.100"));

        await Eventually.IsTrue(async () => await CountAsync(old) == 0);

        Assert.Equal(1, await CountAsync(young));

        Task<int> CountAsync(Guid messageId) =>
            _service.QueryAsync(database => Task.FromResult(database.Set<InboxMessage>().Count(message => message.MessageId == messageId)));
        static InboxMessage Seen(Guid messageId, int daysAgo) =>
            new() { MessageId = messageId, Queue = "test", ReceivedAt = DateTimeOffset.UtcNow.AddDays(-daysAgo) };
    }
}
