using System.Diagnostics;
using Npgsql;

namespace Shop.Bench.Limits;

/// <summary>How many durable transactions of one row this Postgres commits in a second, with as many connections as are best for it.</summary>
internal static class PostgresLimit
{
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(3);
    private static readonly int[] Connections = [16, 48];

    public static async Task<double> MeasureAsync(DistributedApplication app, CancellationToken cancellationToken)
    {
        var settings = new NpgsqlConnectionStringBuilder(await app.GetConnectionStringAsync("postgres", cancellationToken))
        {
            Database = "postgres", MaxPoolSize = Connections.Max(), NoResetOnClose = true,
        };
        await using var source = NpgsqlDataSource.Create(settings.ConnectionString);
        await ExecuteAsync(source, "CREATE TABLE bench_rows (id uuid PRIMARY KEY, text text NOT NULL)", cancellationToken);
        try
        {
            var best = 0.0;
            foreach (var connections in Connections)
                best = Math.Max(best, await MeasureAsync(source, connections, cancellationToken));
            return best;
        }
        finally
        {
            await ExecuteAsync(source, "DROP TABLE bench_rows", CancellationToken.None);
        }
    }

    private static async Task<double> MeasureAsync(NpgsqlDataSource source, int connections, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        var counts = await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => Task.Run(InsertAsync, cancellationToken)));
        return counts.Sum() / Stopwatch.GetElapsedTime(start).TotalSeconds;

        async Task<int> InsertAsync()
        {
            await using var connection = await source.OpenConnectionAsync(cancellationToken);
            await using var insert = new NpgsqlCommand("INSERT INTO bench_rows VALUES ($1, 'a row of an ordinary size, as of an inbox')", connection);
            var id = new NpgsqlParameter<Guid>();
            insert.Parameters.Add(id);
            await insert.PrepareAsync(cancellationToken);
            var count = 0;
            for (; Stopwatch.GetElapsedTime(start) < Duration; count++)
            {
                id.TypedValue = Guid.CreateVersion7();
                await insert.ExecuteNonQueryAsync(cancellationToken);
            }

            return count;
        }
    }

    private static async Task ExecuteAsync(NpgsqlDataSource source, string sql, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
