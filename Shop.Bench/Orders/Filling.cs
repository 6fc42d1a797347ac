using Npgsql;

namespace Shop.Bench.Orders;

/// <summary>Fills the tables of Orders as years of orders would, in few statements.</summary>
internal static class Filling
{
    /// <summary>UUIDv7 in the order of time, as the rows of a running shop have them.</summary>
    private const string Uuid =
        "(lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(md5(i::text), 1, 3) || '8' || substr(md5(i::text), 4, 15))::uuid";

    /// <summary>Messages that the saga's queue has seen, for an age that begins at <paramref name="age"/> and lasts a day.</summary>
    public static Task SeenMessagesAsync(NpgsqlConnection database, int count, string age, CancellationToken cancellationToken) => ExecuteAsync(
        database,
        $"""
         INSERT INTO inbox_messages (message_id, queue, received_at)
         SELECT {Uuid}, 'order-state', at
         FROM (SELECT i, now() - interval '{age}' + i * interval '1 day' / {count} AS at FROM generate_series(1, {count}) AS i) AS message
         """,
        cancellationToken);

    /// <summary>Orders that were delivered, each with its saga and its timeline.</summary>
    public static async Task FinishedOrdersAsync(NpgsqlConnection database, int count, CancellationToken cancellationToken)
    {
        // Copies of one that is there.
        await ExecuteAsync(
            database,
            $"""
             CREATE TEMP TABLE filling AS
             SELECT {Uuid} AS id, at FROM (SELECT i, now() - interval '300 days' + i * interval '200 days' / {count} AS at FROM generate_series(1, {count}) AS i) AS o;
             CREATE TEMP TABLE model AS SELECT * FROM orders WHERE status = 'Confirmed' LIMIT 1;
             """,
            cancellationToken);
        var orders = await ColumnsAsync(database, "orders", cancellationToken);
        var sagas = await ColumnsAsync(database, "order_sagas", cancellationToken);
        await ExecuteAsync(
            database,
            $"""
             INSERT INTO orders ({string.Join(", ", orders)})
             SELECT {string.Join(", ", orders.Select(column => column switch { "id" => "f.id", "created_at" => "f.at", "status" => "'Delivered'", _ => $"m.{column}" }))}
             FROM filling f, model m;
             INSERT INTO order_sagas ({string.Join(", ", sagas)})
             SELECT {string.Join(", ", sagas.Select(column => column switch { "correlation_id" => "f.id", "current_state" => "'Delivered'", _ => $"s.{column}" }))}
             FROM filling f, (SELECT s.* FROM order_sagas s JOIN model m ON m.id = s.correlation_id) AS s;
             INSERT INTO order_timeline (order_id, at, status, step, detail)
             SELECT f.id, f.at, 'Delivered', step, NULL FROM filling f, unnest(ARRAY['OrderSubmitted', 'OrderConfirmed', 'ShipmentDelivered']) AS step;
             DROP TABLE filling;
             DROP TABLE model;
             """,
            cancellationToken);
    }

    /// <summary>What autovacuum would have done long ago.</summary>
    public static Task SettleAsync(NpgsqlConnection database, CancellationToken cancellationToken) =>
        ExecuteAsync(database, "VACUUM (ANALYZE) inbox_messages, orders, order_sagas, order_timeline", cancellationToken);

    /// <summary>How many messages seen are older than the inbox remembers.</summary>
    public static async Task<long> CountOldAsync(NpgsqlConnection database, CancellationToken cancellationToken)
    {
        await using var count = new NpgsqlCommand("SELECT count(*) FROM inbox_messages WHERE received_at < now() - interval '7 days'", database);
        return (long)(await count.ExecuteScalarAsync(cancellationToken))!;
    }

    public static async Task<double> MegabytesAsync(NpgsqlConnection database, CancellationToken cancellationToken)
    {
        await using var size = new NpgsqlCommand("SELECT pg_database_size(current_database()) / 1048576.0", database);
        return (double)(decimal)(await size.ExecuteScalarAsync(cancellationToken))!;
    }

    private static async Task<string[]> ColumnsAsync(NpgsqlConnection database, string table, CancellationToken cancellationToken)
    {
        await using var columns = new NpgsqlCommand(
            "SELECT array_agg(attname::text) FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped", database)
        {
            Parameters = { new() { Value = table } },
        };
        return (string[])(await columns.ExecuteScalarAsync(cancellationToken))!;
    }

    private static async Task ExecuteAsync(NpgsqlConnection database, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, database) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
