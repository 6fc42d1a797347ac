using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Shop.ServiceDefaults.Identity;

namespace Shop.Tests.Identity;

/// <summary>Makes access tokens as Users does, and such as it never would; and is the source of its own keys.</summary>
public sealed class TestTokens : ISigningKeySource
{
    public const string Issuer = "http://shop.test";

    /// <summary>What the keys are asked with; tests put in, take out, and break it.</summary>
    public Func<IEnumerable<RsaSecurityKey>> Source { get; set; }

    public TestTokens() => Source = () => [Key];

    public RsaSecurityKey Key { get; } = NewKey();

    /// <summary>How often the keys were asked for.</summary>
    public int Asked { get; private set; }

    public static RsaSecurityKey NewKey() => new(RSA.Create(2048)) { KeyId = Guid.NewGuid().ToString("N") };

    public Task<JsonWebKeySet> GetKeysAsync(CancellationToken cancellationToken)
    {
        Asked++;
        var keys = new JsonWebKeySet();
        foreach (var key in Source())
            keys.Keys.Add(JsonWebKeyConverter.ConvertFromRSASecurityKey(new RsaSecurityKey(key.Rsa.ExportParameters(false)) { KeyId = key.KeyId }));
        return Task.FromResult(keys);
    }

    /// <summary>The token of a user, good for ten minutes.</summary>
    public string ForUser(Guid userId, params string[] roles) => Create(subject: userId.ToString(), roles: roles);

    /// <summary>The token of a service.</summary>
    public string ForService(string clientId) => Create(subject: clientId, scope: ShopTokens.InternalScope);

    /// <summary>Any token; what is not named is as it should be.</summary>
    public string Create(
        string subject,
        string[]? roles = null,
        string scope = "openid roles",
        string issuer = Issuer,
        string audience = ShopTokens.Audience,
        string type = "at+jwt",
        DateTimeOffset? expires = null,
        RsaSecurityKey? key = null)
    {
        var end = (expires ?? DateTimeOffset.UtcNow.AddMinutes(10)).UtcDateTime;
        return new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = issuer,
            Audience = audience,
            TokenType = type,
            IssuedAt = end.AddMinutes(-10),
            NotBefore = end.AddMinutes(-10),
            Expires = end,
            Subject = new ClaimsIdentity([
                new Claim("sub", subject),
                new Claim("scope", scope),
                .. (roles ?? []).Select(role => new Claim(ShopTokens.RoleClaim, role)),
            ]),
            SigningCredentials = new SigningCredentials(key ?? Key, SecurityAlgorithms.RsaSha256),
        });
    }

    /// <summary>The same claims, signed by nobody.</summary>
    public static string SignedByNobody(string token)
    {
        var header = Base64UrlEncoder.Encode("""{"alg":"none","typ":"at+jwt"}""");
        return $"{header}.{token.Split('.')[1]}.";
    }
}
