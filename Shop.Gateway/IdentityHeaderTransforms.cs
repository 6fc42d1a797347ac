using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace Shop.Gateway;

/// <summary>
/// Who calls is in the token, and nowhere else. Headers by which other systems pass an identity on are taken off what comes from outside,
/// so that nothing inside can come to believe them. (<c>X-Forwarded-*</c> is written anew by the proxy.)
/// </summary>
internal sealed class IdentityHeaderTransforms : ITransformProvider
{
    private static readonly string[] Names =
    [
        "Forwarded", "X-Real-IP", "X-User", "X-User-Id", "X-User-Name", "X-User-Email", "X-User-Roles", "X-Roles", "X-Remote-User", "Remote-User",
        "X-Forwarded-User", "X-Forwarded-Email", "X-Forwarded-Groups", "X-Forwarded-Preferred-Username", "X-Auth-Request-User", "X-Auth-Request-Email",
        "X-Authenticated-Userid", "X-Client-Cert", "X-MS-Client-Principal", "X-MS-Client-Principal-Id", "X-MS-Client-Principal-Name",
    ];

    public void Apply(TransformBuilderContext context)
    {
        foreach (var name in Names)
            context.AddRequestHeaderRemove(name);
    }

    public void ValidateCluster(TransformClusterValidationContext context)
    {
        // Nothing to configure.
    }

    public void ValidateRoute(TransformRouteValidationContext context)
    {
        // Nothing to configure.
    }
}
