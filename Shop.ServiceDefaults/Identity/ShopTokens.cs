using System.Security.Claims;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Shop.ServiceDefaults.Identity;

/// <summary>What is in the shop's access tokens, by name.</summary>
public static class ShopTokens
{
    /// <summary>Whom they are for: every service of the shop.</summary>
    public const string Audience = "shop-api";

    /// <summary>The scope that only services have, and that their calls of each other need.</summary>
    public const string InternalScope = "shop.internal";

    /// <summary>The claim that holds a role.</summary>
    public const string RoleClaim = "role";

    /// <summary>The configuration key of the issuer: the gateway's public URL.</summary>
    public const string IssuerKey = "Identity:Issuer";
}

/// <summary>What a user may be.</summary>
public static class Roles
{
    /// <summary>Places orders.</summary>
    public const string Customer = "customer";

    /// <summary>Runs the shop.</summary>
    public const string Admin = "admin";
}

/// <summary>Who calls.</summary>
public static class ClaimsPrincipalExtensions
{
    /// <summary>The signed-in user's id. Only where a policy has made sure that there is a user.</summary>
    public static Guid GetUserId(this ClaimsPrincipal principal) => principal.TryGetUserId(out var id)
        ? id
        : throw new InvalidOperationException("Nobody is signed in: the endpoint has no policy that asks for it.");

    /// <summary>The signed-in user's id; false where nobody is signed in, or a service.</summary>
    public static bool TryGetUserId(this ClaimsPrincipal principal, out Guid id)
    {
        id = default;
        return principal.Identity is { IsAuthenticated: true } && Guid.TryParse(principal.FindFirst(JwtRegisteredClaimNames.Sub)?.Value, out id);
    }

    /// <summary>Whether the signed-in user runs the shop.</summary>
    public static bool IsAdmin(this ClaimsPrincipal principal) => principal.IsInRole(Roles.Admin);

    /// <summary>Whether something of <paramref name="ownerId"/> may be seen and changed: by its owner and by administrators.</summary>
    public static bool MayAccess(this ClaimsPrincipal principal, Guid ownerId) =>
        principal.IsAdmin() || (principal.TryGetUserId(out var id) && id == ownerId);

    /// <summary>Whether the token was given for a scope.</summary>
    public static bool HasScope(this ClaimsPrincipal principal, string scope) =>
        principal.FindAll("scope").Any(claim => claim.Value.Split(' ').Contains(scope));
}
