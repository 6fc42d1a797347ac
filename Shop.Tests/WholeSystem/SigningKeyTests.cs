using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Microsoft.Extensions.Time.Testing;
using OpenIddict.Server;
using Shop.Users;
using Shop.Users.SignIn;

namespace Shop.Tests.WholeSystem;

/// <summary>The life of signing keys, in a database of the test's own: two replicas, and as many generations as time allows.</summary>
[Collection<SharedShop>]
public sealed class SigningKeyTests(RunningShop shop) : IAsyncLifetime
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private TestDatabase<UsersDbContext> _database = null!;
    private ServiceProvider _services = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await shop.CreateDatabaseAsync<UsersDbContext>();
        _services = new ServiceCollection().AddScoped(_ => _database.Open()).BuildServiceProvider();
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task Keys_OfAllReplicasAndAfterARestart_AreTheSame()
    {
        var (first, second) = (NewReplica(), NewReplica());
        await Task.WhenAll(first.RefreshAsync(Cancelled), second.RefreshAsync(Cancelled));
        await first.RefreshAsync(Cancelled);
        var restarted = NewReplica();
        await restarted.RefreshAsync(Cancelled);

        Assert.Single(first.Keys);
        Assert.Equal(Ids(first), Ids(second));
        Assert.Equal(Ids(first), Ids(restarted));
        Assert.Equal(first.Keys[0].Rsa.ExportRSAPublicKey(), restarted.Keys[0].Rsa.ExportRSAPublicKey());
    }

    [Fact]
    public async Task Keys_TakeTurns_AnnouncedBeforeAndGoodLongAfterTheySign()
    {
        var ring = NewReplica();
        await ring.RefreshAsync(Cancelled);
        var first = Assert.Single(Ids(ring));

        await PassAsync(ring, TimeSpan.FromDays(29));
        Assert.Equal(2, Ids(ring).Length); // the second is announced
        Assert.Equal(first, Ids(ring)[0]); // and does not sign yet
        var second = Ids(ring)[1];

        await PassAsync(ring, TimeSpan.FromDays(1));
        Assert.Equal([second, first], Ids(ring));

        await PassAsync(ring, TimeSpan.FromDays(14));
        Assert.Equal([second, first], Ids(ring)); // a refresh token of the first's last day is still good

        await PassAsync(ring, TimeSpan.FromDays(2));
        Assert.Equal([second], Ids(ring));
    }

    [Fact]
    public async Task Keys_Changed_OpenIddictIsTold()
    {
        var ring = NewReplica();
        await ring.RefreshAsync(Cancelled);
        var told = 0;
        using var listening = ChangeToken.OnChange(ring.GetChangeToken, () => told++);

        await ring.RefreshAsync(Cancelled);
        Assert.Equal(0, told);
        await PassAsync(ring, TimeSpan.FromDays(29));
        Assert.Equal(1, told);
        var server = new OpenIddictServerOptions();
        ring.Configure(server);
        Assert.Equal(Ids(ring), server.SigningCredentials.Select(credentials => credentials.Key.KeyId));
    }

    [Fact]
    public async Task Keys_InTheDatabase_CannotBeReadWithAnotherSecret()
    {
        await NewReplica().RefreshAsync(Cancelled);

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => NewReplica("another secret").RefreshAsync(Cancelled));

        Assert.Contains("Identity:Key", failure.Message, StringComparison.Ordinal);
        await using var database = _database.Open();
        var kept = await database.SigningKeys.SingleAsync(Cancelled);
        using var rsa = System.Security.Cryptography.RSA.Create();
        Assert.ThrowsAny<System.Security.Cryptography.CryptographicException>(() => rsa.ImportPkcs8PrivateKey(kept.PrivateKey, out _));
    }

    [Fact]
    public async Task FailedSignIns_Each_DoublesTheDelayOfItsAccountAndAddress()
    {
        await using var database = _database.Open();
        var failures = new FailedSignIns(database, _clock);
        for (var i = 0; i < FailedSignIns.Free; i++)
            await failures.AddAsync("Ann@example.com", "192.0.2.1", Cancelled);
        Assert.Equal(TimeSpan.Zero, await failures.GetDelayAsync("ann@example.com", "192.0.2.1", Cancelled));

        await failures.AddAsync("ann@example.com", "192.0.2.1", Cancelled);
        Assert.Equal(TimeSpan.FromSeconds(1), await failures.GetDelayAsync("ann@example.com", "192.0.2.1", Cancelled));
        await failures.AddAsync("ann@example.com", "192.0.2.1", Cancelled);
        Assert.Equal(TimeSpan.FromSeconds(2), await failures.GetDelayAsync("ann@example.com", "192.0.2.1", Cancelled));

        Assert.Equal(TimeSpan.Zero, await failures.GetDelayAsync("ann@example.com", "192.0.2.2", Cancelled));
        Assert.Equal(TimeSpan.Zero, await failures.GetDelayAsync("bo@example.com", "192.0.2.1", Cancelled));
        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(TimeSpan.Zero, await failures.GetDelayAsync("ann@example.com", "192.0.2.1", Cancelled));
        await failures.ForgetAsync("ann@example.com", "192.0.2.1", Cancelled);
        await failures.AddAsync("ann@example.com", "192.0.2.1", Cancelled);
        Assert.Equal(TimeSpan.Zero, await failures.GetDelayAsync("ann@example.com", "192.0.2.1", Cancelled));
    }

    private static string[] Ids(SigningKeyRing ring) => [.. ring.Keys.Select(key => key.KeyId)];

    private async Task PassAsync(SigningKeyRing ring, TimeSpan time)
    {
        _clock.Advance(time);
        await ring.RefreshAsync(Cancelled);
    }

    private SigningKeyRing NewReplica(string secret = "a secret of the tests") => new(
        _services.GetRequiredService<IServiceScopeFactory>(),
        new IdentitySecret(new ConfigurationBuilder().AddInMemoryCollection([new(IdentitySecret.ConfigurationKey, secret)]).Build()),
        Options.Create(new SigningKeyOptions()),
        _clock,
        NullLogger<SigningKeyRing>.Instance);
}
