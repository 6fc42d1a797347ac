using Grpc.Core;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Shop.ServiceDefaults.Identity;

/// <summary>The caller owns what the path names, or is an administrator. Looked at before anything else of the request is.</summary>
internal sealed class OwnershipRequirement(string what, string routeValue, Func<IServiceProvider, string, CancellationToken, Task<string>> askOwner)
    : AuthorizationHandler<OwnershipRequirement>, IAuthorizationRequirement
{
    /// <summary>What others are told: the same whether it exists or not.</summary>
    public string Denial(HttpContext context) => $"There is no {what} {context.GetRouteValue(routeValue)}.";

    protected override async Task HandleRequirementAsync(AuthorizationHandlerContext context, OwnershipRequirement requirement)
    {
        // Each requirement of an endpoint is asked about itself alone.
        if (requirement == this && context.Resource is HttpContext http && context.User.TryGetUserId(out _)
            && (context.User.IsAdmin() || await IsOwnAsync(http)))
            context.Succeed(requirement);
    }

    private async Task<bool> IsOwnAsync(HttpContext http)
    {
        try
        {
            var owner = await askOwner(http.RequestServices, http.GetRouteValue(routeValue)!.ToString()!, http.RequestAborted);
            return Guid.TryParse(owner, out var id) && http.User.MayAccess(id);
        }
        catch (RpcException failure) when (failure.StatusCode == StatusCode.NotFound)
        {
            return false;
        }
    }
}

/// <summary>Answers 404 where nothing but ownership is missing: that something exists is its owner's business.</summary>
internal sealed class OwnershipResultHandler(IProblemDetailsService problems) : IAuthorizationMiddlewareResultHandler
{
    private readonly AuthorizationMiddlewareResultHandler _default = new();

    public async Task HandleAsync(RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult)
    {
        var failed = authorizeResult is { Forbidden: true, AuthorizationFailure.FailedRequirements: var requirements } ? requirements.ToArray() : [];
        if (failed is not [OwnershipRequirement ownership])
        {
            await _default.HandleAsync(next, context, policy, authorizeResult);
            return;
        }

        context.Response.StatusCode = StatusCodes.Status404NotFound;
        await problems.TryWriteAsync(new ProblemDetailsContext
        {
            HttpContext = context,
            ProblemDetails = new ProblemDetails { Status = StatusCodes.Status404NotFound, Detail = ownership.Denial(context) },
        });
    }
}
