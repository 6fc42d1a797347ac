using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;

namespace Shop.Users.SignIn;

/// <summary>Wrong passwords for one account from one address.</summary>
public sealed class FailedSignIn
{
    /// <summary>SHA-256 of the e-mail address, whether there is such an account or not.</summary>
    public required byte[] Account { get; init; }

    /// <summary>Where they came from.</summary>
    public required string Address { get; init; }

    /// <summary>How many.</summary>
    public int Failures { get; init; }

    /// <summary>The last (UTC).</summary>
    public DateTimeOffset At { get; init; }
}

/// <summary>
/// Makes guessing slow: after a few wrong passwords for an account from an address, that address waits longer and longer. Others, the owner
/// among them, do not: nobody can lock anybody out. Kept in the database, for all replicas.
/// </summary>
internal sealed class FailedSignIns(UsersDbContext database, TimeProvider clock)
{
    /// <summary>So many failures cost nothing: people mistype.</summary>
    public const int Free = 4;

    /// <summary>After this time without a failure all is forgotten.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromHours(24);

    private static readonly TimeSpan LongestDelay = TimeSpan.FromMinutes(15);

    /// <summary>1 s after the first failure that is not free, and twice as long after each further one.</summary>
    public static TimeSpan DelayAfter(int failures) => failures <= Free
        ? TimeSpan.Zero
        : TimeSpan.FromSeconds(Math.Min(LongestDelay.TotalSeconds, Math.Pow(2, failures - Free - 1)));

    /// <summary>How long this address must wait before it may try this account again.</summary>
    public async Task<TimeSpan> GetDelayAsync(string email, string address, CancellationToken cancellationToken)
    {
        var account = AccountOf(email);
        var failed = await database.FailedSignIns.AsNoTracking()
            .SingleOrDefaultAsync(f => f.Account == account && f.Address == address, cancellationToken);
        var wait = failed is null ? TimeSpan.Zero : failed.At + DelayAfter(failed.Failures) - clock.GetUtcNow();
        return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }

    /// <summary>One more.</summary>
    public Task AddAsync(string email, string address, CancellationToken cancellationToken) =>
        database.Database.ExecuteSqlAsync(
            $"""
             INSERT INTO failed_sign_ins AS failed (account, address, failures, at) VALUES ({AccountOf(email)}, {address}, 1, {clock.GetUtcNow()})
             ON CONFLICT (account, address) DO UPDATE
             SET failures = CASE WHEN failed.at < {clock.GetUtcNow() - Memory} THEN 1 ELSE failed.failures + 1 END, at = excluded.at
             """,
            cancellationToken);

    /// <summary>The right password: all is forgiven.</summary>
    public Task ForgetAsync(string email, string address, CancellationToken cancellationToken)
    {
        var account = AccountOf(email);
        return database.FailedSignIns.Where(f => f.Account == account && f.Address == address).ExecuteDeleteAsync(cancellationToken);
    }

    /// <summary>Forgets what is too old to count.</summary>
    public Task ForgetOldAsync(CancellationToken cancellationToken)
    {
        var oldest = clock.GetUtcNow() - Memory;
        return database.FailedSignIns.Where(f => f.At < oldest).ExecuteDeleteAsync(cancellationToken);
    }

    private static byte[] AccountOf(string email) => SHA256.HashData(Encoding.UTF8.GetBytes(email.Trim().ToUpperInvariant()));
}
