using System.Collections.Concurrent;
using System.Diagnostics;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Shop.Tests.Messaging.Service;

/// <summary>What consumers of the tests' service saw, each attempt of it.</summary>
internal sealed class Mailbox
{
    private readonly ConcurrentQueue<Mail> _mail = new();

    public void Put(ConsumeContext context, object message) =>
        _mail.Enqueue(new Mail(message, context.MessageId!.Value, DateTimeOffset.UtcNow, Activity.Current?.TraceId));

    public void Put(object message) => _mail.Enqueue(new Mail(message, Guid.Empty, DateTimeOffset.UtcNow, null));

    public Mail[] Of<T>(Func<T, bool> isWanted) => [.. _mail.Where(mail => mail.Message is T message && isWanted(message))];

    /// <summary>The first that is wanted, once it is there.</summary>
    public async Task<Mail> GetAsync<T>(Func<T, bool> isWanted)
    {
        await Eventually.IsTrue(() => Of(isWanted).Length > 0);
        return Of(isWanted)[0];
    }
}

internal sealed record Mail(object Message, Guid MessageId, DateTimeOffset At, ActivityTraceId? TraceId);

internal sealed class DepositConsumer(TestDbContext database, Mailbox mailbox, IMessageScheduler scheduler, IPublishEndpoint publisher) : IConsumer<Deposit>
{
    public async Task Consume(ConsumeContext<Deposit> context)
    {
        var (accountId, amount, behaviour) = context.Message;
        var attempts = mailbox.Of<Deposit>(deposit => deposit == context.Message).Length;
        mailbox.Put(context, context.Message);
        database.Add(new Entry { AccountId = accountId, Amount = amount });
        // Through the context and through the scope: both go to the outbox of this message.
        await context.Publish(new Deposited(accountId, amount), context.CancellationToken);
        await publisher.Publish(new Deposited(accountId, -amount), context.CancellationToken);
        switch (behaviour)
        {
            case Behaviours.FailAlways:
            case Behaviours.FailSixTimes when attempts < 6:
            case Behaviours.FailOnce when attempts == 0:
                throw new InvalidOperationException($"Account {accountId} is closed.");
            case Behaviours.LoseConnectionOnce when attempts == 0:
                await LoseConnectionAsync(context.CancellationToken);
                break;
            case Behaviours.ScheduleAndCancel:
                var soon = DateTime.UtcNow.AddMilliseconds(300);
                var wrong = await context.SchedulePublish(soon, new Reminder(accountId, "cancelled at once"), context.CancellationToken);
                await scheduler.CancelScheduledPublish<Reminder>(wrong.TokenId, context.CancellationToken);
                await context.SchedulePublish(soon.AddMilliseconds(300), new Reminder(accountId, "kept"), context.CancellationToken);
                break;
        }
    }

    private async Task LoseConnectionAsync(CancellationToken cancellationToken)
    {
        await database.SaveChangesAsync(cancellationToken);
        var process = ((NpgsqlConnection)database.Database.GetDbConnection()).ProcessID;
        await using var other = new NpgsqlConnection(database.Database.GetConnectionString());
        await other.OpenAsync(cancellationToken);
        await using var kill = new NpgsqlCommand("SELECT pg_terminate_backend($1)", other) { Parameters = { new() { Value = process } } };
        await kill.ExecuteNonQueryAsync(cancellationToken);
    }
}

internal sealed class ReceiveDepositedConsumer(Mailbox mailbox) : IConsumer<Deposited>
{
    public Task Consume(ConsumeContext<Deposited> context)
    {
        mailbox.Put(context, context.Message);
        return Task.CompletedTask;
    }
}

internal sealed class ReceiveReminderConsumer(Mailbox mailbox) : IConsumer<Reminder>
{
    public Task Consume(ConsumeContext<Reminder> context)
    {
        mailbox.Put(context, context.Message);
        return Task.CompletedTask;
    }
}
