using System.Globalization;
using Microsoft.AspNetCore.Mvc;

namespace Shop.Gateway.Edge;

/// <summary>What the gateway answers by itself where it does not ask a service, or got no answer from one.</summary>
internal static class Refusal
{
    /// <summary>503: all that an answer would be made of is away.</summary>
    public static IResult NothingThere() => new Unavailable();

    public static async Task WriteAsync(HttpContext context, int status, string detail, TimeSpan? retryAfter = null)
    {
        context.Response.StatusCode = status;
        if (retryAfter is { } wait)
            context.Response.Headers.RetryAfter = Math.Max(1, Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        await context.RequestServices.GetRequiredService<IProblemDetailsService>().TryWriteAsync(new ProblemDetailsContext
        {
            HttpContext = context,
            ProblemDetails = new ProblemDetails { Status = status, Detail = detail },
        });
    }

    private sealed class Unavailable : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) => WriteAsync(
            httpContext,
            StatusCodes.Status503ServiceUnavailable,
            "The services that this request needs do not answer just now. Nothing has been done; try again.",
            TimeSpan.FromSeconds(5));
    }
}
