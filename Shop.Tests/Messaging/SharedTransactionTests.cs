using System.Diagnostics;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Shop.Messaging.Consuming;
using Shop.Messaging.Operations;
using Shop.Tests.Messaging.Service;

namespace Shop.Tests.Messaging;

/// <summary>Messages that wait at the same time share a transaction, and none suffers from it.</summary>
[Collection<SharedMessaging>]
public sealed class SharedTransactionTests(MessagingServers servers) : IAsyncLifetime
{
    private const string Queue = "transfer";
    private readonly Guid _account = Guid.CreateVersion7();
    private TestService? _service;

    private TestService Service => _service ?? throw new InvalidOperationException("The test has not begun.");

    private DeadLetterOperations DeadLetters => Service.Services.GetRequiredService<DeadLetterOperations>();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        _service = servers.Service;
        _service.Gate.Close();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        _service?.Gate.Open();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Messages_WaitAtTheSameTime_ShareATransactionAndAreHandledOnceEach()
    {
        await HoldTheTurnAsync();

        await WaitForATurnAsync([.. Enumerable.Range(1, 10).Select(amount => new Transfer(_account, amount))]);
        Service.Gate.Open();

        await Eventually.IsTrue(async () => (await Service.AmountsAsync(_account)).Length == 10);
        Assert.Equal(Enumerable.Range(1, 10), (await Service.AmountsAsync(_account)).Order());
        Assert.Contains(Batches(), batch => batch.Transfers.Count > 1);
        await Eventually.IsTrue(() => Service.Mailbox.Of<Deposited>(message => message.AccountId == _account).Length == 10);
        await Service.OutboxIsEmptyAsync();
    }

    [Fact]
    public async Task SharedTransaction_OneMessageFails_TheOthersAreHandledWithoutIt()
    {
        await HoldTheTurnAsync();

        await WaitForATurnAsync(
            new Transfer(_account, 1), new Transfer(_account, 2, Behaviours.FailAlways), new Transfer(_account, 3), new Transfer(_account, 4));
        Service.Gate.Open();

        await Eventually.IsTrue(async () => (await Service.AmountsAsync(_account)).Order().SequenceEqual([1, 3, 4]));
        await Eventually.IsTrue(async () =>
            (await DeadLetters.ListAsync(100, Cancelled)).Any(letter => letter.Reason == $"Account {_account} is closed." && letter.Queue == $"{Queue}_error"));
        Assert.Equal([1, 3, 4], (await Service.AmountsAsync(_account)).Order());
        Assert.DoesNotContain(Service.Mailbox.Of<Deposited>(message => message.AccountId == _account), mail => ((Deposited)mail.Message).Amount == 2);
    }

    [Fact]
    public async Task SharedTransaction_HasAMessageTwice_HandlesItOnce()
    {
        await HoldTheTurnAsync();
        var messageId = Guid.CreateVersion7();

        for (var i = 0; i < 3; i++)
            await Service.Bus.Publish(new Transfer(_account, 5), context => context.MessageId = messageId, Cancelled);
        await WaitForATurnAsync(new Transfer(_account, 6));
        Service.Gate.Open();

        await Eventually.IsTrue(async () => (await Service.AmountsAsync(_account)).Length == 2);
        await QueueIsEmptyAsync();
        Assert.Equal([5, 6], (await Service.AmountsAsync(_account)).Order());
    }

    [Theory]
    [InlineData("x-delivery-count", 5)] // as the broker tells it, after as many crashes
    [InlineData(Redelivery.AttemptHeader, 1)]
    public async Task Messages_ThatMayFailAgain_ShareNoTransaction(string header, int count)
    {
        await HoldTheTurnAsync();

        for (var amount = 1; amount <= 6; amount++)
            await Service.Bus.Publish(new Transfer(_account, amount), context => context.Headers.Set(header, count), Cancelled);
        await WaitForATurnAsync([.. Enumerable.Range(7, 4).Select(amount => new Transfer(_account, amount))]);
        Service.Gate.Open();

        await Eventually.IsTrue(async () => (await Service.AmountsAsync(_account)).Length == 10);
        Assert.Contains(Batches(), batch => batch.Transfers.Count > 1);
        Assert.All(Batches().Where(batch => batch.Transfers.Count > 1), batch => Assert.All(batch.Transfers, transfer => Assert.True(transfer.Amount > 6)));
    }

    [Fact]
    public async Task SharedTransaction_OfManyRequests_KeepsEachMessageInItsOwnTrace()
    {
        await HoldTheTurnAsync();
        var traces = new Dictionary<int, ActivityTraceId>();
        for (var amount = 1; amount <= 5; amount++)
        {
            using var request = new Activity("request").SetIdFormat(ActivityIdFormat.W3C).Start();
            request.ActivityTraceFlags = ActivityTraceFlags.Recorded;
            traces[amount] = request.TraceId;
            await WaitForATurnAsync(new Transfer(_account, amount));
        }

        Service.Gate.Open();

        await Eventually.IsTrue(() => Service.Mailbox.Of<Deposited>(message => message.AccountId == _account).Length == 5);
        Assert.Contains(Batches(), batch => batch.Transfers.Count > 1);
        foreach (var mail in Service.Mailbox.Of<Deposited>(message => message.AccountId == _account))
            Assert.Equal(traces[((Deposited)mail.Message).Amount], mail.TraceId);
    }

    private IEnumerable<Batch> Batches() =>
        Service.Mailbox.Of<Batch>(batch => batch.Transfers.Any(transfer => transfer.AccountId == _account)).Select(mail => (Batch)mail.Message);

    /// <summary>A message whose transaction stays open: what comes after it waits for the next.</summary>
    private async Task HoldTheTurnAsync()
    {
        var holder = Guid.CreateVersion7();
        await Service.PublishAsync(new Transfer(holder, 1, Behaviours.Hold));
        await Eventually.IsTrue(() => Service.Mailbox.Of<Transfer>(transfer => transfer.AccountId == holder).Length == 1);
    }

    /// <summary>Publishes, and returns when the broker has delivered all of it.</summary>
    private async Task WaitForATurnAsync(params Transfer[] transfers)
    {
        await Service.PublishAsync(transfers);
        await Service.OutboxIsEmptyAsync();
        await QueueIsEmptyAsync();
    }

    private async Task QueueIsEmptyAsync()
    {
        await using var channel = await servers.OpenChannelAsync(Cancelled);
        await Eventually.IsTrue(async () => await channel.MessageCountAsync(Queue, Cancelled) == 0);
    }
}
