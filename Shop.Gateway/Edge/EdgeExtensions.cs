using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Shop.Gateway.Edge;

/// <summary>What holds for every request before anybody looks at what it asks for.</summary>
internal static class EdgeExtensions
{
    /// <summary>Sizes and times of requests (<c>Kestrel:Limits</c>), proxies in front, pages that may call, and how often one client may.</summary>
    public static void AddEdge(this WebApplicationBuilder builder)
    {
        builder.Services.Configure<KestrelServerOptions>(builder.Configuration.GetSection("Kestrel"));
        builder.Services.AddOptions<EdgeOptions>().BindConfiguration(EdgeOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddOptions<ForwardedHeadersOptions>().Configure<IOptions<EdgeOptions>>((headers, edge) => Trust(headers, edge.Value));
        builder.Services.AddOptions<CorsOptions>().Configure<IOptions<EdgeOptions>>((cors, edge) => cors.AddDefaultPolicy(policy => Allow(policy, edge.Value)));
        builder.Services.AddCors();
        builder.Services.AddRateLimits();
    }

    public static void UseEdge(this IApplicationBuilder app)
    {
        app.UseForwardedHeaders();
        app.Use(AddSecurityHeadersAsync);
        app.UseCors();
    }

    /// <summary>Where no proxy is named nobody is believed: an empty list alone would mean that everybody is.</summary>
    private static void Trust(ForwardedHeadersOptions headers, EdgeOptions edge)
    {
        headers.KnownProxies.Clear();
        headers.KnownIPNetworks.Clear();
        foreach (var network in edge.TrustedNetworks)
            headers.KnownIPNetworks.Add(network);
        headers.ForwardedHeaders = headers.KnownIPNetworks.Count > 0 ? ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto : ForwardedHeaders.None;
        headers.ForwardLimit = null;
    }

    private static void Allow(CorsPolicyBuilder policy, EdgeOptions edge) =>
        policy.WithOrigins(edge.AllowedOrigins)
            .WithMethods("GET", "POST", "PUT", "DELETE")
            .WithHeaders(HeaderNames.Authorization, HeaderNames.ContentType, HeaderNames.IfMatch, HeaderNames.IfNoneMatch, "Idempotency-Key", "Last-Event-ID")
            .WithExposedHeaders(
                HeaderNames.ETag, HeaderNames.Location, HeaderNames.RetryAfter, HeaderNames.WWWAuthenticate, HeaderNames.Link, "Deprecation", "Sunset")
            .SetPreflightMaxAge(TimeSpan.FromMinutes(10));

    private static Task AddSecurityHeadersAsync(HttpContext context, RequestDelegate next)
    {
        context.Response.OnStarting(
            static state =>
            {
                var response = ((HttpContext)state).Response;
                var headers = response.Headers;
                headers.XContentTypeOptions = "nosniff";
                headers.XFrameOptions = "DENY";
                headers["Referrer-Policy"] = "no-referrer";
                // A page knows better what it needs; everything else is data.
                if (headers.ContentSecurityPolicy.Count == 0)
                    headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
                if (response.HttpContext.Request.IsHttps)
                    headers.StrictTransportSecurity = "max-age=31536000; includeSubDomains";
                headers.Remove(HeaderNames.Server);
                return Task.CompletedTask;
            },
            context);
        return next(context);
    }
}
