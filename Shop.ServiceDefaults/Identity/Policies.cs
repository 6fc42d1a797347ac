using Microsoft.AspNetCore.Builder;

namespace Shop.ServiceDefaults.Identity;

/// <summary>Names of the authorization policies: who may call.</summary>
public static class Policies
{
    /// <summary>Somebody is signed in: a person, not a service.</summary>
    public const string User = "user";

    /// <summary>A person who may buy.</summary>
    public const string Customer = "customer";

    /// <summary>A person who runs the shop.</summary>
    public const string Admin = "admin";

    /// <summary>A service of the shop, by its client-credentials token.</summary>
    public const string Internal = "internal";
}

/// <summary>Says of an endpoint, or a group of them, who may call it.</summary>
public static class PolicyExtensions
{
    /// <summary>Anyone, signed in or not.</summary>
    public static TBuilder AllowAnyone<TBuilder>(this TBuilder endpoints)
        where TBuilder : IEndpointConventionBuilder => endpoints.AllowAnonymous();

    /// <summary>Whoever is signed in; whose things they may see is the handler's business (<see cref="ClaimsPrincipalExtensions.MayAccess"/>).</summary>
    public static TBuilder RequireUser<TBuilder>(this TBuilder endpoints)
        where TBuilder : IEndpointConventionBuilder => endpoints.RequireAuthorization(Policies.User);

    /// <summary>
    /// Whoever is the user that the path names, and administrators. To everybody else there is no such user: who is one is private.
    /// </summary>
    public static TBuilder RequireSelfOrAdmin<TBuilder>(this TBuilder endpoints, string routeValue)
        where TBuilder : IEndpointConventionBuilder =>
        endpoints.RequireUser().RequireAuthorization(policy => policy.AddRequirements(
            new OwnershipRequirement("user", routeValue, (_, userId, _) => Task.FromResult(userId))));

    /// <summary>
    /// Whoever's order it is that the path names, and administrators. To everybody else there is no such order. For services that do not
    /// keep whose orders are: <paramref name="askOwner"/> asks the one that does.
    /// </summary>
    public static TBuilder RequireOwnerOrAdmin<TBuilder>(
        this TBuilder endpoints, string routeValue, Func<IServiceProvider, string, CancellationToken, Task<string>> askOwner)
        where TBuilder : IEndpointConventionBuilder =>
        endpoints.RequireUser().RequireAuthorization(policy => policy.AddRequirements(new OwnershipRequirement("order", routeValue, askOwner)));

    /// <summary>Customers.</summary>
    public static TBuilder RequireCustomer<TBuilder>(this TBuilder endpoints)
        where TBuilder : IEndpointConventionBuilder => endpoints.RequireAuthorization(Policies.Customer);

    /// <summary>Administrators.</summary>
    public static TBuilder RequireAdmin<TBuilder>(this TBuilder endpoints)
        where TBuilder : IEndpointConventionBuilder => endpoints.RequireAuthorization(Policies.Admin);

    /// <summary>Other services of the shop.</summary>
    public static TBuilder RequireInternal<TBuilder>(this TBuilder endpoints)
        where TBuilder : IEndpointConventionBuilder => endpoints.RequireAuthorization(Policies.Internal);
}
