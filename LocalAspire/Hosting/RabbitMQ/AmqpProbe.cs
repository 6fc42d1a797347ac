using LocalAspire.Hosting.ApplicationModel;
using LocalAspire.Hosting.Engine;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace LocalAspire.Hosting.RabbitMQ;

/// <summary>Logs in to a RabbitMQ server once, and from then on knows by its connection how the server is.</summary>
internal sealed class AmqpProbe(RabbitMQServerResource server)
{
    private IConnection? _connection;

    /// <summary>What is wrong, or null.</summary>
    public async Task<string?> AskAsync(ResourceInstance instance, CancellationToken cancellationToken)
    {
        if (_connection is { IsOpen: true })
            return null;
        await EndAsync();
        var factory = new ConnectionFactory
        {
            Uri = new((await server.ConnectionStringExpression.GetValueAsync(cancellationToken))!),
            AutomaticRecoveryEnabled = false, RequestedHeartbeat = TimeSpan.FromSeconds(10), ClientProvidedName = "health check",
        };
        try
        {
            _connection = await factory.CreateConnectionAsync(cancellationToken);
            return null;
        }
        catch (BrokerUnreachableException e) when (e.InnerException is AuthenticationFailureException refused)
        {
            return $"{refused.Message} If its data are kept: they were made with another password than the one kept now. Reset the kept data.";
        }
    }

    /// <summary>Logs out: a server that ends before its clients do calls that an error.</summary>
    public async ValueTask EndAsync()
    {
        if (_connection is { } connection)
            await connection.DisposeAsync();
        _connection = null;
    }
}
