using System.Globalization;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace Shop.Gateway.Versions;

/// <summary>
/// Says of a route with a successor that it is deprecated: <c>Deprecation</c> (RFC 9745), <c>Sunset</c> (RFC 8594), and a <c>Link</c> to the
/// same resource in the next version.
/// </summary>
internal sealed class DeprecationTransforms(IOptions<DeprecationOptions> options) : ITransformProvider
{
    /// <summary>Routes with this metadata have a successor: the version it names.</summary>
    public const string SuccessorMetadata = "SuccessorVersion";

    public void Apply(TransformBuilderContext context)
    {
        if (context.Route.Metadata?.GetValueOrDefault(SuccessorMetadata) is not { } version)
            return;

        StringValues since = $"@{options.Value.Since!.Value.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)}";
        StringValues sunset = options.Value.Sunset!.Value.ToString("r", CultureInfo.InvariantCulture);
        context.AddResponseTransform(response =>
        {
            var headers = response.HttpContext.Response.Headers;
            var successor = response.HttpContext.Request.Path.Value!.Replace("/api/v1/", $"/api/{version}/", StringComparison.Ordinal);
            headers["Deprecation"] = since;
            headers["Sunset"] = sunset;
            headers.Link = StringValues.Concat(headers.Link, $"<{new PathString(successor).ToUriComponent()}>; rel=\"successor-version\"");
            return default;
        });
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
