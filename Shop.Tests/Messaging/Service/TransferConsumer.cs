using MassTransit;
using Shop.Messaging.Consuming;

namespace Shop.Tests.Messaging.Service;

/// <summary>Keeps transactions open, so that messages have to wait for the next.</summary>
internal sealed class Gate
{
    private TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Opened => _open.Task;

    public void Open() => _open.TrySetResult();

    public void Close() => _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>What shared a transaction.</summary>
internal sealed record Batch(IReadOnlyList<Transfer> Transfers);

internal sealed class TransferConsumer(TestDbContext database, Mailbox mailbox, Gate gate) : IConsumer<Transfer>, IBatchedConsumer<Transfer>
{
    public Task LoadAsync(IReadOnlyList<Transfer> messages, CancellationToken cancellationToken)
    {
        mailbox.Put(new Batch([.. messages]));
        return Task.CompletedTask;
    }

    public async Task Consume(ConsumeContext<Transfer> context)
    {
        mailbox.Put(context, context.Message);
        var (accountId, amount, behaviour) = context.Message;
        database.Add(new Entry { AccountId = accountId, Amount = amount });
        await context.Publish(new Deposited(accountId, amount), context.CancellationToken);
        if (behaviour == Behaviours.Hold)
            await gate.Opened.WaitAsync(context.CancellationToken);
        if (behaviour == Behaviours.FailAlways)
            throw new InvalidOperationException($"Account {accountId} is closed.");
    }
}
