using System.Text.Json;
using Npgsql;

namespace Shop.Bench.Invariants;

internal sealed record OrderRow(
    Guid Id,
    Guid UserId,
    string Status,
    string? SagaState,
    decimal Total,
    IReadOnlyDictionary<Guid, int> Lines,
    IReadOnlySet<string> Steps,
    string? CancellationReason)
{
    public bool IsLive => Status is "Confirmed" or "Shipped" or "Delivered";

    public bool IsCancelled => Status is "Cancelled";
}

internal sealed record AnswerRow(Guid UserId, string Key, Guid OrderId);

internal sealed record StockRow(Guid ProductId, int OnHand, int Held);

internal sealed record ReservationRow(Guid OrderId, string Status, IReadOnlyDictionary<Guid, int> Lines);

internal sealed record MoneyRow(Guid OrderId, decimal Captured, decimal Refunded);

internal sealed record PaymentRow(Guid OrderId, string Status, decimal Amount, decimal Refunded)
{
    /// <summary>What Payments believes the shop to have.</summary>
    public decimal Kept => Status is "Captured" or "Refunded" ? Amount - Refunded : 0;
}

internal sealed record ShipmentRow(Guid OrderId, string Status);

internal sealed record NotificationRow(Guid OrderId, string Kind, string Channel);

internal sealed record OutboxRow(string Database, string MessageType, int Attempts, string? LastError);

/// <summary>
/// All that the services and the payment provider have written down about orders, read from their databases. No moment is common to
/// all of them, so it tells nothing before the shop is at rest.
/// </summary>
internal sealed record ShopSnapshot(
    IReadOnlyList<OrderRow> Orders,
    IReadOnlyList<AnswerRow> Answers,
    IReadOnlyList<StockRow> Stock,
    IReadOnlyDictionary<Guid, long> Adjustments,
    IReadOnlyList<ReservationRow> Reservations,
    IReadOnlyList<MoneyRow> Ledger,
    IReadOnlyList<PaymentRow> Payments,
    IReadOnlyList<ShipmentRow> Shipments,
    IReadOnlyList<NotificationRow> Notifications,
    IReadOnlyList<OutboxRow> Outbox)
{
    private static readonly string[] Databases =
        ["usersdb", "productsdb", "ordersdb", "inventorydb", "paymentsdb", "shippingdb", "notificationsdb"];

    /// <exception cref="NpgsqlException">A database is away.</exception>
    public static async Task<ShopSnapshot> ReadAsync(DistributedApplication app, CancellationToken cancellationToken)
    {
        var outbox = new List<OutboxRow>();
        foreach (var database in Databases)
        {
            outbox.AddRange(await QueryAsync(
                app, database, "SELECT message_type, attempts, last_error FROM outbox_messages",
                row => new OutboxRow(database, row.GetString(0), row.GetInt32(1), row.IsDBNull(2) ? null : row.GetString(2)), cancellationToken));
        }

        var adjustments = await QueryAsync(
            app, "inventorydb", "SELECT product_id, sum(quantity) FROM stock_adjustments GROUP BY product_id",
            row => KeyValuePair.Create(row.GetGuid(0), row.GetInt64(1)), cancellationToken);
        return new ShopSnapshot(
            await QueryAsync(
                app, "ordersdb",
                """
                SELECT o.id, o.user_id, o.status, s.current_state, o.total, o.lines::text,
                       array(SELECT t.step FROM order_timeline t WHERE t.order_id = o.id), o.cancellation_reason
                FROM orders o LEFT JOIN order_sagas s ON s.correlation_id = o.id
                """,
                row => new OrderRow(
                    row.GetGuid(0), row.GetGuid(1), row.GetString(2), row.IsDBNull(3) ? null : row.GetString(3), row.GetDecimal(4),
                    Lines(row.GetString(5)), row.GetFieldValue<string[]>(6).ToHashSet(), row.IsDBNull(7) ? null : row.GetString(7)),
                cancellationToken),
            await QueryAsync(
                app, "ordersdb", "SELECT user_id, key, (response::json ->> 'id')::uuid FROM idempotency_records",
                row => new AnswerRow(row.GetGuid(0), row.GetString(1), row.GetGuid(2)), cancellationToken),
            await QueryAsync(
                app, "inventorydb", "SELECT product_id, on_hand, held FROM stock",
                row => new StockRow(row.GetGuid(0), row.GetInt32(1), row.GetInt32(2)), cancellationToken),
            adjustments.ToDictionary(),
            await QueryAsync(
                app, "inventorydb", "SELECT order_id, status, lines::text FROM reservations",
                row => new ReservationRow(row.GetGuid(0), row.GetString(1), Lines(row.GetString(2))), cancellationToken),
            await QueryAsync(
                app, "paymentsdb", "SELECT key, captured, refunded FROM provider_charges",
                row => new MoneyRow(row.GetGuid(0), row.GetDecimal(1), row.GetDecimal(2)), cancellationToken),
            await QueryAsync(
                app, "paymentsdb", "SELECT order_id, status, amount, refunded FROM payments",
                row => new PaymentRow(row.GetGuid(0), row.GetString(1), row.GetDecimal(2), row.GetDecimal(3)), cancellationToken),
            await QueryAsync(
                app, "shippingdb", "SELECT order_id, status FROM shipments",
                row => new ShipmentRow(row.GetGuid(0), row.GetString(1)), cancellationToken),
            await QueryAsync(
                app, "notificationsdb", "SELECT order_id, kind, channel FROM notifications",
                row => new NotificationRow(row.GetGuid(0), row.GetString(1), row.GetString(2)), cancellationToken),
            outbox);
    }

    private static async Task<List<T>> QueryAsync<T>(
        DistributedApplication app, string database, string sql, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
    {
        // Without a pool: after a crash of the server the connections of a pool are dead.
        var settings = new NpgsqlConnectionStringBuilder(await app.GetConnectionStringAsync(database, cancellationToken)) { Pooling = false };
        await using var connection = new NpgsqlConnection(settings.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
            rows.Add(read(reader));
        return rows;
    }

    /// <summary>Pieces by product.</summary>
    private static Dictionary<Guid, int> Lines(string json)
    {
        using var lines = JsonDocument.Parse(json);
        return lines.RootElement.EnumerateArray()
            .GroupBy(line => line.GetProperty("productId").GetGuid(), line => line.GetProperty("quantity").GetInt32())
            .ToDictionary(product => product.Key, product => product.Sum());
    }
}
