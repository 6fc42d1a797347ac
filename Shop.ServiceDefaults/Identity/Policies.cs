using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

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
    public static RouteGroupBuilder RequireSelfOrAdmin(this RouteGroupBuilder endpoints, string routeValue)
    {
        endpoints.RequireUser().AddEndpointFilter(async (context, next) =>
        {
            var http = context.HttpContext;
            return Guid.TryParse(http.GetRouteValue(routeValue)?.ToString(), out var id) && http.User.MayAccess(id)
                ? await next(context)
                : Problems.NotFound($"There is no user {http.GetRouteValue(routeValue)}.");
        });
        return endpoints;
    }

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
