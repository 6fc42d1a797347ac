using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Shop.ServiceDefaults.Identity;

/// <summary>
/// The keys that tokens are signed with, kept while their source is away. A token with an unknown key asks for a refresh and waits for
/// it (at most one a second, whatever strangers send), so that a new key is known when its first token comes.
/// </summary>
internal sealed partial class SigningKeyCache(ISigningKeySource source, TimeProvider clock, ILogger<SigningKeyCache> logger)
    : BaseConfigurationManager, IConfigurationManager<OpenIdConnectConfiguration>, IDisposable
{
    /// <summary>The time between two refreshes at least, whether they succeed or not.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>After this time keys that are no longer in use are forgotten.</summary>
    private static readonly TimeSpan Age = TimeSpan.FromMinutes(5);

    private readonly SemaphoreSlim _refreshing = new(1);
    private volatile OpenIdConnectConfiguration? _keys;
    private DateTimeOffset _asked = DateTimeOffset.MinValue;
    private volatile bool _isRefreshRequested;

    /// <summary>Whether keys have ever been had: without them no token can be told good from bad.</summary>
    public bool HasKeys => _keys is not null;

    public void Dispose() => _refreshing.Dispose();

    public override void RequestRefresh() => _isRefreshRequested = true;

    public override async Task<BaseConfiguration> GetBaseConfigurationAsync(CancellationToken cancel) => await GetConfigurationAsync(cancel);

    public async Task<OpenIdConnectConfiguration> GetConfigurationAsync(CancellationToken cancel)
    {
        if (_keys is { } known && !IsRefreshDue())
            return known;

        await _refreshing.WaitAsync(cancel);
        try
        {
            if (_keys is null || IsRefreshDue())
                await RefreshAsync(cancel);
        }
        finally
        {
            _refreshing.Release();
        }

        return _keys ?? throw new InvalidOperationException("The keys that tokens are signed with are not known yet.");
    }

    private bool IsRefreshDue()
    {
        var age = clock.GetUtcNow() - _asked;
        return age >= Age || (_isRefreshRequested && age >= Pause);
    }

    private async Task RefreshAsync(CancellationToken cancellationToken)
    {
        if (clock.GetUtcNow() - _asked < Pause)
            return;

        _asked = clock.GetUtcNow();
        _isRefreshRequested = false;
        try
        {
            var fresh = new OpenIdConnectConfiguration();
            foreach (var key in (await source.GetKeysAsync(cancellationToken)).GetSigningKeys())
                fresh.SigningKeys.Add(key);
            _keys = fresh;
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            LogNotRefreshed(failure);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The keys that tokens are signed with could not be refreshed; those known are kept")]
    private partial void LogNotRefreshed(Exception failure);
}
