using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.WebUtilities;
using Shop.Gateway.Edge;

namespace Shop.Gateway.Resilience;

/// <summary>
/// Takes the whole body in before a service is asked: how long a client takes to send it is the client's affair, and neither fills a bulkhead
/// nor counts as a service's failure. How much that may be is limited at the edge, so it stays in memory.
/// </summary>
internal sealed class BodyFirst(RequestDelegate next)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true } && !await TryReadAsync(context))
        {
            await Refusal.WriteAsync(context, StatusCodes.Status408RequestTimeout, "The body of the request did not come in time. Nothing has been done.");
            return;
        }

        await next(context);
    }

    /// <summary>False where the time of the route is up.</summary>
    private static async Task<bool> TryReadAsync(HttpContext context)
    {
        context.Request.EnableBuffering(bufferThreshold: int.MaxValue);
        try
        {
            await context.Request.Body.DrainAsync(context.RequestAborted);
            context.Request.Body.Position = 0;
            return true;
        }
        catch (OperationCanceledException) when (context.Features.Get<IHttpRequestTimeoutFeature>() is { RequestTimeoutToken.IsCancellationRequested: true })
        {
            return false;
        }
    }
}
