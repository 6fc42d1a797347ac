using LocalAspire.Hosting.ApplicationModel;
using Npgsql;

namespace LocalAspire.Hosting.Postgres;

/// <summary>What the engine says to a Postgres server.</summary>
internal static class PostgresSql
{
    /// <summary>What is wrong with a server or database, or null.</summary>
    public static async Task<string?> AskAsync(IResourceWithConnectionString resource, string database, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await OpenAsync(resource, database, cancellationToken);
            await ExecuteAsync(connection, "SELECT 1", cancellationToken);
            return null;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InvalidPassword)
        {
            return $"{e.MessageText}: its data were made with another password than the one kept now. Reset the kept data.";
        }
    }

    /// <summary>Creates a database and the role that owns it, where they do not exist, and sets the role's password.</summary>
    public static async Task CreateDatabaseAsync(PostgresDatabaseResource database, CancellationToken cancellationToken)
    {
        var (name, literal) = (Quote(database.DatabaseName, '"'), Quote(database.DatabaseName, '\''));
        var password = Quote(database.PasswordParameter.Value, '\'');
        await using var connection = await OpenAsync(database.Parent, "postgres", cancellationToken);
        // One database at a time: statements about roles and rights that run at once fail with "tuple concurrently updated".
        await ExecuteAsync(connection, "SELECT pg_advisory_lock(1)", cancellationToken);
        var hasRole = await ExistsAsync(connection, $"SELECT 1 FROM pg_roles WHERE rolname = {literal}", cancellationToken);
        await ExecuteAsync(connection, $"{(hasRole ? "ALTER" : "CREATE")} ROLE {name} LOGIN PASSWORD {password}", cancellationToken);
        if (!await ExistsAsync(connection, $"SELECT 1 FROM pg_database WHERE datname = {literal}", cancellationToken))
            await ExecuteAsync(connection, $"CREATE DATABASE {name} OWNER {name}", cancellationToken);
        await ExecuteAsync(connection, "SELECT pg_advisory_lock(1)", cancellationToken); // the others set the same rows
        await ExecuteAsync(connection, $"REVOKE ALL ON DATABASE {name}, postgres, template1 FROM PUBLIC", cancellationToken);
    }

    private static async Task<NpgsqlConnection> OpenAsync(
        IResourceWithConnectionString resource, string database, CancellationToken cancellationToken)
    {
        var settings = new NpgsqlConnectionStringBuilder(await resource.GetConnectionStringAsync(cancellationToken))
        {
            Database = database, Pooling = false, Timeout = 5, CommandTimeout = 30,
        };
        var connection = new NpgsqlConnection(settings.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private static async Task<bool> ExistsAsync(NpgsqlConnection connection, string query, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(query, connection);
        return await command.ExecuteScalarAsync(cancellationToken) is not null;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string statement, CancellationToken cancellationToken)
    {
#pragma warning disable CA2100 // Names and passwords cannot be parameters of such statements: they are quoted.
        await using var command = new NpgsqlCommand(statement, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static string Quote(string text, char mark) => $"{mark}{text.Replace($"{mark}", $"{mark}{mark}", StringComparison.Ordinal)}{mark}";
}
