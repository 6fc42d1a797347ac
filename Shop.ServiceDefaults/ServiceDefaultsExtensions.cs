using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Options;
using Shop.ServiceDefaults.Identity;
using Shop.ServiceDefaults.OpenApi;
using Shop.ServiceDefaults.Telemetry;

namespace Shop.ServiceDefaults;

/// <summary>What every service switches on: telemetry, health, discovery, resilience, problem details, token validation.</summary>
public static class ServiceDefaultsExtensions
{
    /// <summary>Registers the defaults. Call it first in Program.cs.</summary>
    public static TBuilder AddServiceDefaults<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.AddTelemetry();
        builder.Services.AddHealthChecks();
        builder.AddServiceAddresses();
        builder.Services.ConfigureHttpClientDefaults(http =>
        {
            http.AddStandardResilienceHandler(options => options.Retry.DisableForUnsafeHttpMethods());
            http.AddServiceDiscovery();
        });
        builder.Services.AddProblems();
        builder.Services.AddApiDocuments();
        builder.Services.AddTokenValidation();
        // Ctrl+C lets requests and messages in flight finish before the process ends.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(25));
        builder.Services.AddSingleton<IValidateOptions<RequiredConfiguration>, RequiredConfigurationValidator>();
        builder.Services.AddOptions<RequiredConfiguration>().ValidateOnStart();
        return builder;
    }

    /// <summary>Stops the start, naming all that is missing at once, where one of these configuration keys has no value.</summary>
    public static IServiceCollection RequireConfiguration(this IServiceCollection services, params string[] keys) =>
        services.Configure<RequiredConfiguration>(required => required.Keys.AddRange(keys));

    /// <summary>Maps <c>/health</c>, <c>/alive</c> and the API's documents, answers every error with problem details, and looks at who calls.</summary>
    /// <param name="app">The application.</param>
    /// <param name="beforeAuthorization">What must know who calls, and comes before the question whether they may.</param>
    public static WebApplication MapDefaultEndpoints(this WebApplication app, Action<WebApplication>? beforeAuthorization = null)
    {
        app.UseHttpMetrics();
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.UseAuthentication();
        beforeAuthorization?.Invoke(app);
        app.UseAuthorization();
        app.MapHealth();
        app.MapOpenApi().AllowAnonymous();
        app.MapMetrics();
        return app;
    }
}
