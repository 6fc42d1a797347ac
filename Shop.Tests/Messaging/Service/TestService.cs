using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Shop.Messaging;
using Shop.Messaging.Outbox;
using Shop.Messaging.Sagas;

namespace Shop.Tests.Messaging.Service;

/// <summary>A small service of the tests' own, set up as a service of the shop is.</summary>
internal sealed class TestService(IHost host) : IAsyncDisposable
{
    public Mailbox Mailbox => host.Services.GetRequiredService<Mailbox>();

    public Gate Gate => host.Services.GetRequiredService<Gate>();

    public IBus Bus => host.Services.GetRequiredService<IBus>();

    public IServiceProvider Services => host.Services;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static async Task<TestService> StartAsync(string database, string broker, params (string Key, string Value)[] settings)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true, EnvironmentName = "Test" });
        builder.Configuration.AddInMemoryCollection(
        [
            new("ConnectionStrings:testdb", database),
            new("ConnectionStrings:messaging", broker),
            // Longer than a busy machine needs to hand over what it has taken, and never longer than tests may wait.
            new("Messaging:HandOverBackOff", "00:00:05"),
            new("Messaging:MaxHandOverBackOff", "00:00:05"),
            new("Messaging:ImmediateRetries", "1"),
            new("Messaging:RedeliveryDelays:0", "00:00:00.100"),
            new("Messaging:RedeliveryDelays:1", "00:00:00.200"),
            .. settings.Select(setting => KeyValuePair.Create<string, string?>(setting.Key, setting.Value)),
        ]);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<Mailbox>();
        builder.Services.AddSingleton<Gate>();
        builder.AddServiceDatabase<TestDbContext>("testdb");
        builder.AddMessaging<TestDbContext>(
            "messaging", Routes.Queues, bus => bus.AddSagaStateMachine<TallyStateMachine, Tally>().PostgresRepository(TallyStateMachine.TallyOf));
        var host = builder.Build();
        await using (var scope = host.Services.CreateAsyncScope())
            await scope.ServiceProvider.GetRequiredService<TestDbContext>().Database.EnsureCreatedAsync(Cancelled);
        await host.StartAsync(Cancelled);
        var service = new TestService(host);
        // Until then there may be no exchange that a test can listen to.
        await service.IsConnectedAsync();
        return service;
    }

    /// <summary>Waits until the bus is connected to the broker, with all its queues.</summary>
    public Task IsConnectedAsync() => host.Services.GetRequiredService<IBusControl>().WaitForHealthStatus(BusHealthStatus.Healthy, Eventually.Patience);

    /// <summary>Does something in a scope of its own, as a request does.</summary>
    public async Task RequestAsync(Func<TestDbContext, IPublishEndpoint, Task> handle)
    {
        await using var scope = host.Services.CreateAsyncScope();
        await handle(scope.ServiceProvider.GetRequiredService<TestDbContext>(), scope.ServiceProvider.GetRequiredService<IPublishEndpoint>());
    }

    /// <summary>Publishes as a request does: with its commit.</summary>
    public Task PublishAsync<T>(params T[] messages)
        where T : class =>
        RequestAsync(async (database, publisher) =>
        {
            await publisher.PublishBatch(messages, Cancelled);
            await database.SaveChangesAsync(Cancelled);
        });

    public async Task<T> QueryAsync<T>(Func<TestDbContext, Task<T>> query)
    {
        await using var scope = host.Services.CreateAsyncScope();
        return await query(scope.ServiceProvider.GetRequiredService<TestDbContext>());
    }

    /// <summary>The amounts that were added to an account.</summary>
    public Task<int[]> AmountsAsync(Guid accountId) =>
        QueryAsync(database => database.Entries.Where(entry => entry.AccountId == accountId).Select(entry => entry.Amount).ToArrayAsync(Cancelled));

    public Task<Tally?> TallyAsync(Guid tallyId) =>
        QueryAsync(database => database.Tallies.AsNoTracking().SingleOrDefaultAsync(tally => tally.CorrelationId == tallyId, Cancelled));

    public Task<OutboxMessage[]> OutboxAsync() => QueryAsync(database => database.Set<OutboxMessage>().AsNoTracking().ToArrayAsync(Cancelled));

    /// <summary>Waits until every message has been handed over.</summary>
    public Task OutboxIsEmptyAsync() => Eventually.IsTrue(async () => (await OutboxAsync()).Length == 0);

    public async ValueTask DisposeAsync()
    {
        await host.StopAsync(CancellationToken.None);
        host.Dispose();
    }
}
