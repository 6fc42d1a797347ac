using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using Shop.Gateway.Edge;

namespace Shop.Gateway.Resilience;

/// <summary>
/// Takes the whole body in before a service is asked: how long a client takes to send it is the client's affair: it neither fills a bulkhead
/// nor takes from the service's time, which begins afterwards. A body beyond <see cref="InMemory"/> waits in
/// a file, so that many of them do not fill the memory.
/// </summary>
internal sealed class BodyFirst(RequestDelegate next, IOptions<ResilienceOptions> options)
{
    /// <summary>How much of a body is kept in memory, in bytes.</summary>
    public const int InMemory = 64 * 1024;

    public async Task InvokeAsync(HttpContext context)
    {
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true } && !await TryReadAsync(context))
        {
            await Refusal.WriteAsync(context, StatusCodes.Status408RequestTimeout, "The body of the request did not come in time. Nothing has been done.");
            return;
        }

        await next(context);
    }

    /// <summary>False where it takes the client longer than a service would be given.</summary>
    private async Task<bool> TryReadAsync(HttpContext context)
    {
        context.Request.EnableBuffering(InMemory);
        using var time = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        time.CancelAfter(options.Value.Timeout);
        try
        {
            await context.Request.Body.DrainAsync(time.Token);
            context.Request.Body.Position = 0;
            return true;
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            return false;
        }
    }
}
