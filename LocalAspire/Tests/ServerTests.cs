using System.Diagnostics;
using Npgsql;
using RabbitMQ.Client;

namespace LocalAspire.Tests;

/// <summary>Postgres and RabbitMQ as private processes.</summary>
public sealed class ServerTests
{
    [Fact]
    public async Task Postgres_RoleOfOneDatabase_CannotEnterAnother()
    {
        await using var app = await TestApplication.StartAsync(builder =>
        {
            var postgres = builder.AddPostgres("postgres");
            postgres.AddDatabase("ordersdb");
            postgres.AddDatabase("usersdb", "users");
        });
        await Task.WhenAll(app.HealthyAsync("ordersdb"), app.HealthyAsync("usersdb"));

        var orders = await app.GetConnectionStringAsync("ordersdb", TestApplication.Limit);
        await ExecuteAsync(orders!, "CREATE TABLE orders (id int)");
        var elsewhere = new NpgsqlConnectionStringBuilder(orders) { Database = "users" }.ConnectionString;
        var server = new NpgsqlConnectionStringBuilder(orders) { Database = "postgres" }.ConnectionString;
        var refused = await Assert.ThrowsAsync<PostgresException>(() => ExecuteAsync(elsewhere, "SELECT 1"));
        var refusedToo = await Assert.ThrowsAsync<PostgresException>(() => ExecuteAsync(server, "SELECT 1"));
        var wrong = new NpgsqlConnectionStringBuilder(orders) { Password = "guessed" }.ConnectionString;
        var unknown = await Assert.ThrowsAsync<PostgresException>(() => ExecuteAsync(wrong, "SELECT 1"));

        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refusedToo.SqlState);
        Assert.Equal(PostgresErrorCodes.InvalidPassword, unknown.SqlState);
    }

    [Fact]
    public async Task Postgres_KilledWithRestart_RunsAgainOnItsDataAndPort()
    {
        await using var app = await TestApplication.StartAsync(
            builder => builder.AddPostgres("postgres").AddDatabase("ordersdb"), "--LocalAspire:Restart=true");
        await app.HealthyAsync("ordersdb");
        var connection = (await app.GetConnectionStringAsync("ordersdb", TestApplication.Limit))!;
        await ExecuteAsync(connection, "CREATE TABLE kept (id int)");

        var running = await app.HealthyAsync("postgres");
        var exited = app.StateAsync("postgres", KnownResourceStates.Exited);
        await KillAsync(running);
        await exited;
        await app.HealthyAsync("postgres");

        await ExecuteAsync(connection, "INSERT INTO kept VALUES (1)");
    }

    [Fact]
    public async Task RabbitMQ_KilledWithRestart_RunsAgainOnItsDataAndPort()
    {
        await using var app = await TestApplication.StartAsync(
            builder => builder.AddRabbitMQ("messaging").WithManagementPlugin(), "--LocalAspire:Restart=true");
        var running = await app.HealthyAsync("messaging");
        var factory = new ConnectionFactory { Uri = new((await app.GetConnectionStringAsync("messaging", TestApplication.Limit))!) };
        await using (var connection = await factory.CreateConnectionAsync(TestApplication.Limit))
        {
            await using var channel = await connection.CreateChannelAsync(cancellationToken: TestApplication.Limit);
            await channel.QueueDeclareAsync(
                "kept", durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { ["x-queue-type"] = "quorum" },
                cancellationToken: TestApplication.Limit);
        }

        var exited = app.StateAsync("messaging", KnownResourceStates.Exited);
        await KillAsync(running);
        await exited;
        await app.HealthyAsync("messaging");

        await using var again = await factory.CreateConnectionAsync(TestApplication.Limit);
        await using var passive = await again.CreateChannelAsync(cancellationToken: TestApplication.Limit);
        Assert.Equal("kept", (await passive.QueueDeclarePassiveAsync("kept", TestApplication.Limit)).QueueName);
        using var client = new HttpClient { BaseAddress = app.GetEndpoint("messaging", "management") };
        Assert.Contains("RabbitMQ Management", await client.GetStringAsync(new Uri("/", UriKind.Relative), TestApplication.Limit));
    }

    private static async Task ExecuteAsync(string connectionString, string statement)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync(TestApplication.Limit);
        await using var command = new NpgsqlCommand(statement, connection);
        await command.ExecuteNonQueryAsync(TestApplication.Limit);
    }

    private static async Task KillAsync(ResourceEvent running)
    {
        using var process = Process.GetProcessById(TestApplication.ProcessIdOf(running));
        process.Kill();
        await process.WaitForExitAsync(TestApplication.Limit);
    }
}
