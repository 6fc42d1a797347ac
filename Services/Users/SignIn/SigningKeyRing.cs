using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Server;
using OpenTelemetry;

namespace Shop.Users.SignIn;

/// <summary>When signing keys take turns.</summary>
public sealed class SigningKeyOptions
{
    /// <summary>How long a key signs.</summary>
    public TimeSpan Rotation { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How long before it signs a key is published.</summary>
    public TimeSpan Announcement { get; set; } = TimeSpan.FromDays(1);

    /// <summary>How long after its last signature a key is still good: longer than anything that it signed.</summary>
    public TimeSpan Retention { get; set; } = TokenServer.RefreshTokenLifetime + TimeSpan.FromDays(1);
}

/// <summary>
/// The keys that tokens are signed with: kept in the database, so that they survive restarts and all replicas have the same, and looked
/// after by whichever replica comes first. OpenIddict is told of each change.
/// </summary>
internal sealed partial class SigningKeyRing(
    IServiceScopeFactory scopes, IdentitySecret secret, IOptions<SigningKeyOptions> options, TimeProvider clock, ILogger<SigningKeyRing> logger)
    : BackgroundService, ISigningKeySource, IConfigureOptions<OpenIddictServerOptions>, IOptionsChangeTokenSource<OpenIddictServerOptions>
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private CancellationTokenSource _changed = new();
    private volatile IReadOnlyList<RsaSecurityKey> _keys = [];

    string? IOptionsChangeTokenSource<OpenIddictServerOptions>.Name => Options.DefaultName;

    /// <summary>The key that signs now, then all others that are good.</summary>
    public IReadOnlyList<RsaSecurityKey> Keys => _keys;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await RefreshAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    /// <summary>Makes the keys that are due, drops those that are done, and reads what there is.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        using var untraced = SuppressInstrumentationScope.Begin();
        await using var scope = scopes.CreateAsyncScope();
        var database = scope.ServiceProvider.GetRequiredService<UsersDbContext>();
        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
        await database.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock(hashtext('signing keys'))", cancellationToken);
        var kept = await database.SigningKeys.OrderBy(key => key.ActiveFrom).ToListAsync(cancellationToken);
        foreach (var done in kept.Zip(kept.Skip(1)).Where(pair => pair.Second.ActiveFrom + options.Value.Retention < clock.GetUtcNow()).Select(pair => pair.First).ToArray())
        {
            database.Remove(done);
            kept.Remove(done);
        }

        if (NextActiveFrom(kept) is { } activeFrom)
        {
            var next = Create(activeFrom);
            database.Add(next);
            kept.Add(next);
        }

        await database.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        Use(kept);
    }

    public Task<JsonWebKeySet> GetKeysAsync(CancellationToken cancellationToken)
    {
        var keys = new JsonWebKeySet();
        foreach (var key in _keys)
            keys.Keys.Add(JsonWebKeyConverter.ConvertFromRSASecurityKey(new RsaSecurityKey(key.Rsa.ExportParameters(false)) { KeyId = key.KeyId }));
        return Task.FromResult(keys);
    }

    public void Configure(OpenIddictServerOptions server)
    {
        // OpenIddict signs with the first, and publishes and accepts all.
        foreach (var key in _keys)
            server.SigningCredentials.Add(new SigningCredentials(key, SecurityAlgorithms.RsaSha256));
        server.EncryptionCredentials.Add(new EncryptingCredentials(
            new SymmetricSecurityKey(secret.DeriveKey("tokens")), SecurityAlgorithms.Aes256KW, SecurityAlgorithms.Aes256CbcHmacSha512));
    }

    public IChangeToken GetChangeToken() => new CancellationChangeToken(_changed.Token);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await RefreshAsync(stoppingToken);
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                LogNotRefreshed(failure);
            }
        }
    }

    private DateTimeOffset? NextActiveFrom(List<SigningKey> kept)
    {
        var now = clock.GetDatabaseNow();
        if (kept.Count == 0)
            return now;

        var due = kept[^1].ActiveFrom + options.Value.Rotation;
        if (now < due - options.Value.Announcement)
            return null;

        return due > now ? due : now + options.Value.Announcement; // nobody ran when it was due: announced all the same
    }

    private SigningKey Create(DateTimeOffset activeFrom)
    {
        using var rsa = RSA.Create(2048);
        var id = Guid.CreateVersion7().ToString("N");
        return new SigningKey { Id = id, ActiveFrom = activeFrom, PrivateKey = secret.Encrypt(id, rsa.ExportPkcs8PrivateKey()) };
    }

    private void Use(IReadOnlyList<SigningKey> kept)
    {
        var now = clock.GetUtcNow();
        SigningKey[] ordered = [.. kept.OrderBy(key => key.ActiveFrom > now).ThenByDescending(key => key.ActiveFrom)];
        if (ordered.Select(key => key.Id).SequenceEqual(_keys.Select(key => key.KeyId)))
            return;

        _keys = [.. ordered.Select(key => _keys.FirstOrDefault(known => known.KeyId == key.Id) ?? Open(key))];
        Interlocked.Exchange(ref _changed, new CancellationTokenSource()).Cancel();
    }

    private RsaSecurityKey Open(SigningKey key)
    {
        var rsa = RSA.Create();
        rsa.ImportPkcs8PrivateKey(secret.Decrypt(key.Id, key.PrivateKey), out _);
        return new RsaSecurityKey(rsa) { KeyId = key.Id };
    }

    [LoggerMessage(LogLevel.Warning, "The signing keys could not be looked after; those known are kept")]
    private partial void LogNotRefreshed(Exception failure);
}
