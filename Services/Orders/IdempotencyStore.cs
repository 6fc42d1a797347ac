using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;

namespace Shop.Orders;

/// <summary>The answer to a request that may be repeated, kept with the request's fingerprint.</summary>
public sealed class IdempotencyRecord
{
    /// <summary>Whose key it is.</summary>
    public required Guid UserId { get; init; }

    /// <summary>As the client chose it.</summary>
    public required string Key { get; init; }

    /// <summary>SHA-256 of the request's body.</summary>
    public required byte[] Fingerprint { get; init; }

    /// <summary>The body of the answer, as JSON.</summary>
    public required string Response { get; init; }

    /// <summary>When it was given (UTC).</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>Makes a request with an idempotency key take effect once: its answer is stored in the transaction of its effect.</summary>
public sealed class IdempotencyStore(OrdersDbContext database, TimeProvider clock)
{
    /// <summary>How long an answer is kept.</summary>
    public static readonly TimeSpan Retention = TimeSpan.FromHours(24);

    private const int BatchSize = 1000;

    /// <summary>What a request is recognised by: equal bodies give equal fingerprints, whatever their white space.</summary>
    public static byte[] Fingerprint<T>(T request) => SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(request, JsonSerializerOptions.Web));

    /// <summary>The stored answer, if there is one that is not too old.</summary>
    public Task<IdempotencyRecord?> FindAsync(Guid userId, string key, CancellationToken cancellationToken)
    {
        var oldest = clock.GetUtcNow() - Retention;
        return database.IdempotencyRecords.AsNoTracking()
            .SingleOrDefaultAsync(record => record.UserId == userId && record.Key == key && record.CreatedAt > oldest, cancellationToken);
    }

    /// <summary>
    /// Stores an answer inside the caller's transaction. A concurrent twin of the request waits here until the first has committed.
    /// </summary>
    /// <returns>The answer to another request with this key, where that was first: then this one is not stored.</returns>
    public async Task<IdempotencyRecord?> AddAsync(IdempotencyRecord record, CancellationToken cancellationToken)
    {
        var oldest = clock.GetUtcNow() - Retention;
        var stored = await database.Database.ExecuteSqlAsync(
            $"""
             INSERT INTO idempotency_records AS record (user_id, key, fingerprint, response, created_at)
             VALUES ({record.UserId}, {record.Key}, {record.Fingerprint}, {record.Response}, {record.CreatedAt})
             ON CONFLICT (user_id, key) DO UPDATE
             SET fingerprint = excluded.fingerprint, response = excluded.response, created_at = excluded.created_at
             WHERE record.created_at <= {oldest}
             """,
            cancellationToken);
        if (stored == 1)
            return null;

        // The statement has locked it, although it changed nothing: however old it gets meanwhile, it is there.
        return await database.IdempotencyRecords.AsNoTracking()
            .SingleAsync(other => other.UserId == record.UserId && other.Key == record.Key, cancellationToken);
    }

    /// <summary>Deletes what is too old, some at a time, so that no lock lasts. Any number of replicas may do it at once.</summary>
    public async Task ForgetOldAsync(CancellationToken cancellationToken)
    {
        var oldest = clock.GetUtcNow() - Retention;
        int deleted;
        do
        {
            deleted = await database.Database.ExecuteSqlAsync(
                $"""
                 DELETE FROM idempotency_records WHERE ctid = ANY (ARRAY(
                     SELECT ctid FROM idempotency_records WHERE created_at <= {oldest} ORDER BY created_at LIMIT {BatchSize} FOR UPDATE SKIP LOCKED))
                 """,
                cancellationToken);
        }
        while (deleted == BatchSize);
    }
}
