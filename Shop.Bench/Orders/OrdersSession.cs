using Npgsql;

namespace Shop.Bench.Orders;

/// <summary>A running shop with customers who can order, and somebody who watches when their orders are confirmed.</summary>
internal sealed class OrdersSession : IAsyncDisposable
{
    private const int Users = 20;

    private readonly CancellationTokenSource _watching = new();
    private readonly ShopClient _client;
    private readonly NpgsqlConnection _connection;
    private readonly ConfirmationWatch _watch;
    private readonly Task _polling;

    private OrdersSession(BenchedShop shop, ShopClient client, IReadOnlyList<Guid> users, NpgsqlConnection connection)
    {
        (Shop, _client, _connection) = (shop, client, connection);
        _watch = new ConfirmationWatch(connection);
        _polling = _watch.RunAsync(_watching.Token);
        Load = new OrderLoad(client, _watch, users);
    }

    public BenchedShop Shop { get; }

    public OrderLoad Load { get; }

    /// <summary>Starts the shop on throw-away data.</summary>
    /// <param name="settings">Further configuration for the AppHost.</param>
    /// <param name="environment">Environment variables of Orders.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    public static async Task<OrdersSession> StartAsync(string[] settings, IReadOnlyDictionary<string, string> environment, CancellationToken cancellationToken)
    {
        var shop = await BenchedShop.StartAsync(settings, environment, cancellationToken);
        try
        {
            var client = new ShopClient(shop.App.CreateHttpClient("gateway"));
            var users = new List<Guid>();
            for (var i = 0; i < Users; i++)
                users.Add(await client.CreateUserAsync(cancellationToken));
            var connection = new NpgsqlConnection(await shop.App.GetConnectionStringAsync("ordersdb", cancellationToken));
            await connection.OpenAsync(cancellationToken);
            return new OrdersSession(shop, client, users, connection);
        }
        catch
        {
            await shop.DisposeAsync();
            throw;
        }
    }

    /// <summary>The transactions that all databases together have committed so far.</summary>
    public async Task<long> CountTransactionsAsync(CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(await Shop.App.GetConnectionStringAsync("ordersdb", cancellationToken));
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand("SELECT sum(xact_commit)::bigint FROM pg_stat_database", connection);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))! - _watch.Questions;
    }

    /// <summary>Ends the watching, so that it costs nothing while something else is measured.</summary>
    public async Task StopWatchingAsync()
    {
        await _watching.CancelAsync();
        await _polling;
    }

    public async ValueTask DisposeAsync()
    {
        await StopWatchingAsync();
        _watching.Dispose();
        await _connection.DisposeAsync();
        _client.Dispose();
        await Shop.DisposeAsync();
    }
}
