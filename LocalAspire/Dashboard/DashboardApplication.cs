using LocalAspire.Dashboard.Access;
using LocalAspire.Dashboard.Api;
using LocalAspire.Dashboard.Layout;
using LocalAspire.Dashboard.Otlp;
using LocalAspire.Dashboard.Resources;
using LocalAspire.Dashboard.Store;
using Radzen;

namespace LocalAspire.Dashboard;

/// <summary>The dashboard: it takes OTLP, keeps the newest of it, and shows it.</summary>
internal static class DashboardApplication
{
    /// <summary>Puts it together; null, and a line for each reason, where what it was told is wrong.</summary>
    public static WebApplication? Create(string[] args, TextWriter errors)
    {
        // Everything is found beside the program, whatever directory it is started from.
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            Args = args, ApplicationName = typeof(DashboardApplication).Assembly.GetName().Name, ContentRootPath = AppContext.BaseDirectory,
        });
        builder.WebHost.UseStaticWebAssets();
        if (DashboardOptions.Read(builder.Configuration, out var options) is { Count: > 0 } wrong)
        {
            foreach (var error in wrong)
                errors.WriteLine($"dashboard: {error}");
            return null;
        }
        options.ListenOn(builder.Configuration);
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddStore(options);
        builder.Services.AddOtlp();
        builder.Services.AddSingleton<ResourceClient>();
        builder.Services.AddHostedService(services => services.GetRequiredService<ResourceClient>());
        builder.Services.AddLogin(options);
        builder.Services.AddRadzenComponents();
        builder.Services.AddRazorComponents().AddInteractiveServerComponents(circuits =>
        {
            // A closed browser tab is forgotten soon.
            circuits.DisconnectedCircuitMaxRetained = 4;
            circuits.DisconnectedCircuitRetentionPeriod = TimeSpan.FromSeconds(15);
        });

        var app = builder.Build();
        app.UseStatusCodePagesWithReExecute("/not-found");
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseAntiforgery();
        app.MapOtlp();
        app.MapApi();
        app.MapStaticAssets().AllowAnonymous();
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode();
        return app;
    }
}
