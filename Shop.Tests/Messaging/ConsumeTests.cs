using System.Diagnostics;
using MassTransit;
using Shop.Tests.Messaging.Service;

namespace Shop.Tests.Messaging;

/// <summary>One message, one transaction: all of a consumer's effect or nothing, once.</summary>
[Collection<SharedMessaging>]
public sealed class ConsumeTests(MessagingServers servers)
{
    private readonly TestService _service = servers.Service;
    private readonly Guid _account = Guid.CreateVersion7();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Consumer_Succeeds_ItsRowsAndMessagesCommitTogether()
    {
        await _service.PublishAsync(new Deposit(_account, 5));

        await _service.Mailbox.GetAsync<Deposited>(message => message == new Deposited(_account, 5));
        await _service.Mailbox.GetAsync<Deposited>(message => message == new Deposited(_account, -5));
        await AssertAmountsAsync([5]);
        await _service.OutboxIsEmptyAsync();
    }

    [Fact]
    public async Task Consumer_FailsOnce_LeavesNothingOfTheFailedAttempt()
    {
        await _service.PublishAsync(new Deposit(_account, 6, Behaviours.FailOnce));

        await _service.Mailbox.GetAsync<Deposited>(message => message == new Deposited(_account, 6));
        await _service.Mailbox.GetAsync<Deposited>(message => message == new Deposited(_account, -6));
        await _service.OutboxIsEmptyAsync();
        await AssertAmountsAsync([6]);
        Assert.Equal(2, _service.Mailbox.Of<Deposit>(message => message.AccountId == _account).Length);
        Assert.Equal(2, _service.Mailbox.Of<Deposited>(message => message.AccountId == _account).Length);
    }

    [Fact]
    public async Task Message_ComesTwice_HasOneEffect()
    {
        var (twice, other) = (Guid.CreateVersion7(), Guid.CreateVersion7());

        foreach (var messageId in new[] { twice, twice, other })
            await _service.Bus.Publish(new Deposit(_account, 7), context => context.MessageId = messageId, Cancelled);

        await Eventually.IsTrue(() => _service.Mailbox.Of<Deposited>(message => message.AccountId == _account).Length >= 4);
        await AssertAmountsAsync([7, 7]);
        Assert.Equivalent(
            new[] { twice, other },
            _service.Mailbox.Of<Deposit>(message => message.AccountId == _account).Select(mail => mail.MessageId),
            strict: true);
    }

    [Fact]
    public async Task Consumer_LosesItsConnection_IsTriedAgainAndNothingIsLostOrDoubled()
    {
        await _service.PublishAsync(new Deposit(_account, 8, Behaviours.LoseConnectionOnce));

        await _service.Mailbox.GetAsync<Deposited>(message => message == new Deposited(_account, -8));
        await AssertAmountsAsync([8]);
        Assert.Equal(2, _service.Mailbox.Of<Deposit>(message => message.AccountId == _account).Length);
        await _service.Mailbox.GetAsync<Deposited>(message => message == new Deposited(_account, 8));
        await _service.OutboxIsEmptyAsync();
        Assert.Equal(2, _service.Mailbox.Of<Deposited>(message => message.AccountId == _account).Length);
    }

    [Fact]
    public async Task Trace_ThroughTheOutbox_IsUnbroken()
    {
        using var request = new Activity("request").SetIdFormat(ActivityIdFormat.W3C).Start();
        request.ActivityTraceFlags = ActivityTraceFlags.Recorded;

        await _service.PublishAsync(new Deposit(_account, 9));

        var consumed = await _service.Mailbox.GetAsync<Deposit>(message => message.AccountId == _account);
        var told = await _service.Mailbox.GetAsync<Deposited>(message => message.AccountId == _account);
        Assert.Equal(request.TraceId, consumed.TraceId);
        Assert.Equal(request.TraceId, told.TraceId);
    }

    private async Task AssertAmountsAsync(int[] expected)
    {
        var amounts = await _service.AmountsAsync(_account);
        Assert.Equal(expected, amounts);
    }
}
