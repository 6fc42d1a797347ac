using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Shop.ServiceDefaults.Telemetry;

/// <summary><c>http_requests_total</c>, by method, route and status.</summary>
internal sealed class HttpMetrics(IMeterFactory meters)
{
    public const string Meter = "Shop.Http";

    private readonly Counter<long> _requests = meters.Create(Meter).CreateCounter<long>("http.requests", "{request}", "Requests answered.");

    public async Task CountAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        finally
        {
            _requests.Add(
                1,
                new("method", context.Request.Method),
                new("route", (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? ""),
                new("status", context.Response.StatusCode));
        }
    }
}
