using Microsoft.IdentityModel.Tokens;

namespace Shop.ServiceDefaults.Identity;

/// <summary>Where the public keys come from that tokens are signed with: from Users over HTTP, and in Users itself from its database.</summary>
public interface ISigningKeySource
{
    /// <summary>All keys that a valid token may be signed with now.</summary>
    Task<JsonWebKeySet> GetKeysAsync(CancellationToken cancellationToken);
}

/// <summary>Asks Users directly, found by service discovery: never through the gateway.</summary>
internal sealed class UsersSigningKeySource(IHttpClientFactory clients) : ISigningKeySource
{
    public async Task<JsonWebKeySet> GetKeysAsync(CancellationToken cancellationToken)
    {
        using var client = clients.CreateClient(nameof(UsersSigningKeySource));
        return new JsonWebKeySet(await client.GetStringAsync(new Uri("http://users/.well-known/jwks"), cancellationToken));
    }
}
