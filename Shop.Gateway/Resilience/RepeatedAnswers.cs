using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace Shop.Gateway.Resilience;

/// <summary>Keeps from the client the answer of a replica that failed, where the request is going to be sent again.</summary>
internal sealed class RepeatedAnswers : ITransformProvider
{
    public void Apply(TransformBuilderContext context) => context.AddResponseTransform(static response =>
    {
        if (response.ProxyResponse is { } answer
            && Forwarding.IsFailure((int)answer.StatusCode)
            && response.HttpContext.Features.Get<Forwarding>() is { AttemptsLeft: > 0 })
        {
            response.SuppressResponseBody = true;
        }

        return default;
    });

    public void ValidateCluster(TransformClusterValidationContext context)
    {
        // Nothing to configure.
    }

    public void ValidateRoute(TransformRouteValidationContext context)
    {
        // Nothing to configure.
    }
}
