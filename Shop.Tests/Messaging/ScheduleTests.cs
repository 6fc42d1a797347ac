using System.Diagnostics;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Shop.Tests.Messaging.Service;

namespace Shop.Tests.Messaging;

/// <summary>Messages that are to come later.</summary>
[Collection<SharedMessaging>]
public sealed class ScheduleTests(MessagingServers servers)
{
    private readonly TestService _service = servers.Service;
    private readonly Guid _id = Guid.CreateVersion7();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Scheduled_ByARequest_ArrivesWhenDueAndSoonAfter()
    {
        // None comes early; and one of them soon, however busy the machine is.
        var (late, soon) = (TimeSpan.MaxValue, TimeSpan.FromMilliseconds(500));
        for (var attempt = 1; attempt <= 10 && late > soon; attempt++)
        {
            late = await ScheduleAsync(new Reminder(_id, $"later {attempt}"));
            Assert.True(late >= TimeSpan.Zero, $"It came {-late} early.");
        }

        Assert.InRange(late, TimeSpan.Zero, soon);
    }

    /// <summary>How late it comes.</summary>
    private async Task<TimeSpan> ScheduleAsync(Reminder reminder)
    {
        var due = DateTime.UtcNow.AddMilliseconds(700);
        await using (var scope = _service.Services.CreateAsyncScope())
        {
            var scheduler = scope.ServiceProvider.GetRequiredService<IMessageScheduler>();
            await scheduler.SchedulePublish(due, reminder, Cancelled);
            await scope.ServiceProvider.GetRequiredService<TestDbContext>().SaveChangesAsync(Cancelled);
        }

        return (await _service.Mailbox.GetAsync<Reminder>(message => message == reminder)).At - new DateTimeOffset(due);
    }

    [Fact]
    public async Task Scheduled_InATrace_ArrivesInTheSameTrace()
    {
        using var request = new Activity("request").SetIdFormat(ActivityIdFormat.W3C).Start();
        request.ActivityTraceFlags = ActivityTraceFlags.Recorded;
        await using (var scope = _service.Services.CreateAsyncScope())
        {
            var scheduler = scope.ServiceProvider.GetRequiredService<IMessageScheduler>();
            await scheduler.SchedulePublish(DateTime.UtcNow.AddMilliseconds(300), new Reminder(_id, "later"), Cancelled);
            await scope.ServiceProvider.GetRequiredService<TestDbContext>().SaveChangesAsync(Cancelled);
        }

        request.Stop(); // What it asked for comes when it is over.

        Assert.Equal(request.TraceId, (await _service.Mailbox.GetAsync<Reminder>(message => message.AccountId == _id)).TraceId);
    }

    [Fact]
    public async Task Scheduled_CancelledByTheConsumerThatScheduledIt_NeverArrives()
    {
        await _service.PublishAsync(new Deposit(_id, 1, Behaviours.ScheduleAndCancel));

        var reminder = await _service.Mailbox.GetAsync<Reminder>(message => message.AccountId == _id);

        Assert.Equal(new Reminder(_id, "kept"), reminder.Message); // It was due after the other.
        await _service.OutboxIsEmptyAsync();
        Assert.Single(_service.Mailbox.Of<Reminder>(message => message.AccountId == _id));
    }

    [Fact]
    public async Task Scheduled_CancelledLater_NeverArrives()
    {
        var token = Guid.Empty;
        await using (var scope = _service.Services.CreateAsyncScope())
        {
            var scheduler = scope.ServiceProvider.GetRequiredService<IMessageScheduler>();
            token = (await scheduler.SchedulePublish(DateTime.UtcNow.AddSeconds(60), new Reminder(_id, "never"), Cancelled)).TokenId;
            await scope.ServiceProvider.GetRequiredService<TestDbContext>().SaveChangesAsync(Cancelled);
        }

        Assert.Contains(await _service.OutboxAsync(), message => message.SchedulingToken == token);
        await using (var scope = _service.Services.CreateAsyncScope())
        {
            var scheduler = scope.ServiceProvider.GetRequiredService<IMessageScheduler>();
            var database = scope.ServiceProvider.GetRequiredService<TestDbContext>().Database;
            await Assert.ThrowsAsync<InvalidOperationException>(() => scheduler.CancelScheduledPublish<Reminder>(token, Cancelled));
            await using var transaction = await database.BeginTransactionAsync(Cancelled);
            await scheduler.CancelScheduledPublish<Reminder>(token, Cancelled);
            await transaction.CommitAsync(Cancelled);
        }

        Assert.DoesNotContain(await _service.OutboxAsync(), message => message.SchedulingToken == token);
    }

    [Fact]
    public async Task Saga_WaitsTooLong_GetsItsTimeout()
    {
        await _service.PublishAsync(new WaitBegun(_id, TimeSpan.FromMilliseconds(400)));

        await Eventually.IsTrue(async () => (await _service.TallyAsync(_id))?.CurrentState == nameof(TallyStateMachine.Expired));
    }

    [Fact]
    public async Task Saga_UnschedulesItsTimeout_TakesTheRowBack()
    {
        await _service.PublishAsync(new WaitBegun(_id, TimeSpan.FromMinutes(5)));
        await Eventually.IsTrue(async () => (await _service.TallyAsync(_id))?.CurrentState == nameof(TallyStateMachine.Waiting));
        var token = (await _service.TallyAsync(_id))!.WaitToken;

        await _service.PublishAsync(new WaitEnded(_id));

        await Eventually.IsTrue(async () => (await _service.TallyAsync(_id))?.CurrentState == nameof(TallyStateMachine.Done));
        Assert.NotNull(token);
        Assert.Null((await _service.TallyAsync(_id))!.WaitToken);
        Assert.DoesNotContain(await _service.OutboxAsync(), message => message.SchedulingToken == token);
    }

    [Fact]
    public async Task Saga_ManyMessagesAtOnce_LosesNoUpdate()
    {
        await _service.PublishAsync([.. Enumerable.Range(0, 40).Select(_ => new Counted(_id))]);

        await Eventually.IsTrue(async () => (await _service.TallyAsync(_id))?.Count == 40);
        await _service.OutboxIsEmptyAsync();
        Assert.Equal(40, (await _service.TallyAsync(_id))!.Count);
    }
}
