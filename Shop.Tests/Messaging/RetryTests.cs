using System.Text;
using MassTransit;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using Shop.Tests.Messaging.Service;

namespace Shop.Tests.Messaging;

/// <summary>A message that cannot be handled: tried at once, tried later, put aside.</summary>
[Collection<SharedMessaging>]
public sealed class RetryTests(MessagingServers servers)
{
    private readonly TestService _service = servers.Service;
    private readonly Guid _account = Guid.CreateVersion7();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Poison_IsTriedAgainThenPutAsideWithItsReason_AndBlocksNobody()
    {
        var poison = new Deposit(_account, 1, Behaviours.FailAlways);
        await _service.PublishAsync(poison, new Deposit(_account, 2));

        await _service.Mailbox.GetAsync<Deposited>(message => message == new Deposited(_account, 2));
        var error = await TakeErrorAsync();

        var attempts = _service.Mailbox.Of<Deposit>(message => message == poison);
        Assert.Equal(6, attempts.Length); // at once, twice; and that three times
        Assert.Single(attempts.Select(attempt => attempt.MessageId).Distinct());
        Assert.Equal(attempts[0].MessageId.ToString(), error.BasicProperties.MessageId);
        Assert.Equal($"Account {_account} is closed.", ReasonOf(error));
        await AssertAmountsAsync([2]);
        Assert.Empty(_service.Mailbox.Of<Deposited>(message => message == new Deposited(_account, 1)));
    }

    [Fact]
    public async Task ErrorQueue_LookedIntoOften_LosesNothing()
    {
        await _service.PublishAsync(new Deposit(_account, 3, Behaviours.FailAlways));
        await TakeErrorAsync(); // So the queue is there.
        await _service.PublishAsync(new Deposit(_account, 4, Behaviours.FailAlways));
        await using var channel = await servers.OpenChannelAsync(Cancelled);
        var looks = 0;

        await Eventually.IsTrue(async () =>
        {
            if (await channel.BasicGetAsync("deposit_error", autoAck: false, Cancelled) is { } error)
            {
                looks++;
                await channel.BasicNackAsync(error.DeliveryTag, multiple: false, requeue: true, Cancelled);
            }

            return looks == 60;
        });

        Assert.Equal(60, looks);
        await TakeErrorAsync();
    }

    /// <summary>Takes this test's next message out of the error queue, once it is there.</summary>
    private async Task<BasicGetResult> TakeErrorAsync()
    {
        BasicGetResult? found = null;
        await Eventually.IsTrue(async () => (found = await TryTakeErrorAsync()) is not null && ReasonOf(found).Contains(_account.ToString()));
        return found!;
    }

    private async Task<BasicGetResult?> TryTakeErrorAsync()
    {
        try
        {
            await using var channel = await servers.OpenChannelAsync(Cancelled);
            return await channel.BasicGetAsync("deposit_error", autoAck: true, Cancelled);
        }
        catch (OperationInterruptedException missing) when (missing.ShutdownReason?.ReplyCode is Constants.NotFound or Constants.InternalError)
        {
            return null; // The queue is made with its first message, or this very moment.
        }
    }

    private static string ReasonOf(BasicGetResult error) => Encoding.UTF8.GetString((byte[])error.BasicProperties.Headers![MessageHeaders.FaultMessage]!);

    private async Task AssertAmountsAsync(int[] expected)
    {
        var amounts = await _service.AmountsAsync(_account);
        Assert.Equal(expected, amounts);
    }
}
