using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using Shop.ServiceDefaults.Identity;

namespace Shop.ServiceDefaults.Telemetry;

/// <summary>Metrics always, for Prometheus at <c>/metrics</c>; traces and logs where there is somebody to send them to.</summary>
internal static class TelemetryExtensions
{
    private const string MetricsPath = "/metrics";

    public static void AddTelemetry(this IHostApplicationBuilder builder)
    {
        // Who asks for /health is told; a line in the log for each asking tells nothing more.
        builder.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);
        builder.Services.AddSingleton<HttpMetrics>();
        var telemetry = builder.Services.AddOpenTelemetry().WithMetrics(metrics => metrics
            .AddAspNetCoreInstrumentation()
            .AddHttpClientInstrumentation()
            .AddRuntimeInstrumentation()
            .AddMeter(HttpMetrics.Meter, "Microsoft.AspNetCore.RateLimiting", "Polly", builder.Environment.ApplicationName, $"Shop.{builder.Environment.ApplicationName}")
            // The same measurements by the names that this shop's users know.
            .AddView("http.server.request.duration", "http.response.time")
            .AddView("http.server.request.duration", "http.server.request.duration")
            .AddView("kestrel.active_connections", "active.connections")
            .AddPrometheusExporter());
        if (string.IsNullOrWhiteSpace(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
            return;

        builder.Logging.AddOpenTelemetry(options =>
        {
            options.IncludeFormattedMessage = true;
            options.IncludeScopes = true;
            options.AddProcessor(new OrderLogs());
        });
        telemetry
            .WithTracing(tracing => tracing
                .AddSource(builder.Environment.ApplicationName, "Grpc.Net.Client")
                .AddAspNetCoreInstrumentation(options =>
                {
                    options.Filter = context => !HealthEndpoints.IsHealthPath(context.Request.Path) && context.Request.Path != MetricsPath;
                    options.EnrichWithHttpRequest = OrderTag.AddTo;
                    options.EnrichWithHttpResponse = OrderTag.AddTo;
                })
                .AddHttpClientInstrumentation())
            .UseOtlpExporter();
    }

    /// <summary>Counts requests; comes before everything that may answer one.</summary>
    public static void UseHttpMetrics(this IApplicationBuilder app)
    {
        var metrics = app.ApplicationServices.GetRequiredService<HttpMetrics>();
        app.Use(metrics.CountAsync);
    }

    /// <summary>For Prometheus. Open inside; at a <see cref="PublicFace"/> for administrators.</summary>
    public static void MapMetrics(this IEndpointRouteBuilder endpoints)
    {
        var metrics = endpoints.MapPrometheusScrapingEndpoint(MetricsPath);
        if (endpoints.ServiceProvider.GetService<PublicFace>() is null)
            metrics.AllowAnyone();
        else
            metrics.RequireAdmin();
    }
}
