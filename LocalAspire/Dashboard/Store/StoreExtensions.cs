using Microsoft.AspNetCore.Components.Server.Circuits;

namespace LocalAspire.Dashboard.Store;

/// <summary>Registers what keeps telemetry.</summary>
internal static class StoreExtensions
{
    public static void AddStore(this IServiceCollection services, DashboardOptions options)
    {
        services.AddSingleton<ResourceRegistry>();
        services.AddSingleton(new SpanStore(options.MaxSpans));
        services.AddSingleton(new LogStore(options.MaxLogs));
        services.AddSingleton(provider => new MetricStore(options.MaxSeries, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<MemoryKeeper>();
        services.AddHostedService(provider => provider.GetRequiredService<MemoryKeeper>());
        services.AddScoped<CircuitHandler, MemoryKeeper.Circuits>();
    }
}
