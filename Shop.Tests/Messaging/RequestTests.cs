using MassTransit;
using Shop.Tests.Messaging.Service;

namespace Shop.Tests.Messaging;

/// <summary>What a request publishes leaves with its commit, or never.</summary>
[Collection<SharedMessaging>]
public sealed class RequestTests(MessagingServers servers)
{
    private readonly TestService _service = servers.Service;
    private readonly Guid _account = Guid.CreateVersion7();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Request_InATransaction_PublishesWithItsCommit()
    {
        await _service.RequestAsync(async (database, publisher) =>
        {
            await using var transaction = await database.Database.BeginTransactionAsync(Cancelled);
            database.Add(new Entry { AccountId = _account, Amount = 1 });
            await publisher.Publish(new Deposited(_account, 1), Cancelled);
            await database.SaveChangesAsync(Cancelled);
            await OvertakeAsync();
            Assert.Empty(_service.Mailbox.Of<Deposited>(message => message.AccountId == _account));
            await transaction.CommitAsync(Cancelled);
        });

        await _service.Mailbox.GetAsync<Deposited>(message => message == new Deposited(_account, 1));
    }

    [Fact]
    public async Task Request_RolledBack_PublishesNothing()
    {
        await _service.RequestAsync(async (database, publisher) =>
        {
            await using (await database.Database.BeginTransactionAsync(Cancelled))
            {
                await publisher.Publish(new Deposited(_account, 2), Cancelled);
                await database.SaveChangesAsync(Cancelled);
            }

            // The same context goes on: what was rolled back must not leave with the next commit.
            await using var second = await database.Database.BeginTransactionAsync(Cancelled);
            await publisher.Publish(new Deposited(_account, 3), Cancelled);
            await database.SaveChangesAsync(Cancelled);
            await second.CommitAsync(Cancelled);
        });

        await _service.Mailbox.GetAsync<Deposited>(message => message == new Deposited(_account, 3));
        await OvertakeAsync();
        Assert.Empty(_service.Mailbox.Of<Deposited>(message => message == new Deposited(_account, 2)));
    }

    [Fact]
    public async Task Request_NeverSaved_PublishesNothing()
    {
        await _service.RequestAsync((_, publisher) => publisher.Publish(new Deposited(_account, 4), Cancelled));

        await OvertakeAsync();
        Assert.Empty(_service.Mailbox.Of<Deposited>(message => message.AccountId == _account));
    }

    /// <summary>Sends a later message the whole way: what could leave before it has left.</summary>
    private async Task OvertakeAsync()
    {
        var marker = new Deposited(Guid.CreateVersion7(), 0);
        await _service.PublishAsync(marker);
        await _service.Mailbox.GetAsync<Deposited>(message => message == marker);
    }
}
