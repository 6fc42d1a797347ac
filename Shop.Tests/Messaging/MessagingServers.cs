using RabbitMQ.Client;
using Shop.Tests.Messaging.Service;

namespace Shop.Tests.Messaging;

/// <summary>A Postgres, a RabbitMQ, and the tests' service on them, started once for all tests of the messaging library.</summary>
public sealed class MessagingServers : IAsyncLifetime
{
    private const string Broker = "broker";

    private DistributedApplication? _app;
    private TestService? _service;
    private IConnection? _connection;

    internal TestService Service => _service ?? throw new InvalidOperationException("The service has not been started.");

    private DistributedApplication App => _app ?? throw new InvalidOperationException("The servers have not been started.");

    public async ValueTask InitializeAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(10));
        var builder = DistributedApplicationTestingBuilder.Create();
        var postgres = builder.AddPostgres("postgres");
        postgres.AddDatabase("testdb");
        postgres.AddDatabase("paymentsdb");
        builder.AddRabbitMQ(Broker);
        _app = await builder.BuildAsync(patience.Token);
        await _app.StartAsync(patience.Token);
        await _app.ResourceNotifications.WaitForResourceHealthyAsync("testdb", patience.Token);
        await _app.ResourceNotifications.WaitForResourceHealthyAsync("paymentsdb", patience.Token);
        await _app.ResourceNotifications.WaitForResourceHealthyAsync(Broker, patience.Token);
        _service = await StartServiceAsync();
    }

    /// <summary>Starts one more replica of the tests' service.</summary>
    internal async Task<TestService> StartServiceAsync(params (string Key, string Value)[] settings) =>
        await TestService.StartAsync(await GetConnectionStringAsync("testdb"), await GetConnectionStringAsync(Broker), settings);

    /// <summary>Of a database or of the broker.</summary>
    internal async Task<string> GetConnectionStringAsync(string resource) =>
        await App.GetConnectionStringAsync(resource) ?? throw new InvalidOperationException($"{resource} has no connection string.");

    /// <summary>A channel that is the test's own.</summary>
    internal async Task<IChannel> OpenChannelAsync(CancellationToken cancellationToken)
    {
        if (_connection is not { IsOpen: true })
        {
            var factory = new ConnectionFactory { Uri = new Uri((await App.GetConnectionStringAsync(Broker, cancellationToken))!) };
            _connection = await factory.CreateConnectionAsync(cancellationToken);
        }

        return await _connection.CreateChannelAsync(cancellationToken: cancellationToken);
    }

    internal async Task StopBrokerAsync(CancellationToken cancellationToken)
    {
        await CommandAsync(KnownResourceCommands.StopCommand, cancellationToken);
        await App.ResourceNotifications.WaitForResourceAsync(
            Broker, e => KnownResourceStates.TerminalStates.Contains(e.Snapshot.State?.Text), cancellationToken);
    }

    internal async Task StartBrokerAsync(CancellationToken cancellationToken)
    {
        await CommandAsync(KnownResourceCommands.StartCommand, cancellationToken);
        await App.ResourceNotifications.WaitForResourceHealthyAsync(Broker, cancellationToken);
        await Service.IsConnectedAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is not null)
            await _connection.DisposeAsync();
        if (_service is not null)
            await _service.DisposeAsync();
        if (_app is not null)
            await _app.DisposeAsync();
    }

    private async Task CommandAsync(string command, CancellationToken cancellationToken)
    {
        var result = await App.ResourceCommands.ExecuteCommandAsync(Broker, command, cancellationToken);
        Assert.True(result.Success, command);
    }
}

/// <summary>Tests of this collection share one <see cref="MessagingServers"/>.</summary>
[CollectionDefinition]
public sealed class SharedMessaging : ICollectionFixture<MessagingServers>;
