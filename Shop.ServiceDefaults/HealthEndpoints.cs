using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Shop.ServiceDefaults.Identity;

namespace Shop.ServiceDefaults;

/// <summary><c>/alive</c>: the process answers. <c>/health</c>: it can serve, with each dependency up or down.</summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapHealthChecks("/alive", new HealthCheckOptions { Predicate = _ => false, ResponseWriter = WriteReport }).AllowAnonymous().DisableRateLimiting();
        endpoints.MapHealthChecks("/health", new HealthCheckOptions { ResponseWriter = WriteReport }).AllowAnonymous().DisableRateLimiting();
    }

    public static bool IsHealthPath(PathString path) => path.StartsWithSegments("/health") || path.StartsWithSegments("/alive");

    private static Task WriteReport(HttpContext context, HealthReport report) =>
        context.RequestServices.GetService<PublicFace>() is not null && !context.User.IsAdmin()
            ? context.Response.WriteAsJsonAsync(new { status = report.Status.ToString() }, context.RequestAborted)
            : WriteDetails(context, report);

    private static Task WriteDetails(HttpContext context, HealthReport report) =>
        context.Response.WriteAsJsonAsync(
            new
            {
                status = report.Status.ToString(),
                milliseconds = Math.Round(report.TotalDuration.TotalMilliseconds, 1),
                dependencies = report.Entries.ToDictionary(
                    entry => entry.Key,
                    entry => new
                    {
                        status = entry.Value.Status == HealthStatus.Healthy ? "up" : "down",
                        milliseconds = Math.Round(entry.Value.Duration.TotalMilliseconds, 1),
                    }),
            },
            context.RequestAborted);
}
