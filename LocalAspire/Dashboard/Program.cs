using LocalAspire.Dashboard;
using LocalAspire.Dashboard.Access;
using LocalAspire.Dashboard.Layout;
using LocalAspire.Dashboard.Otlp;
using LocalAspire.Dashboard.Store;
using Radzen;

// Everything is found beside the program, whatever directory it is started from.
var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
builder.WebHost.UseStaticWebAssets();
if (DashboardOptions.Read(builder.Configuration, out var options) is { Count: > 0 } errors)
{
    foreach (var error in errors)
        await Console.Error.WriteLineAsync($"dashboard: {error}");
    return 1;
}
options.ListenOn(builder.Configuration);
builder.Services.AddSingleton(options);
builder.Services.AddSingleton(TimeProvider.System);
builder.Services.AddStore(options);
builder.Services.AddOtlp();
builder.Services.AddLogin(options);
builder.Services.AddRadzenComponents();
builder.Services.AddRazorComponents().AddInteractiveServerComponents(circuits =>
{
    // A closed browser tab is forgotten soon.
    circuits.DisconnectedCircuitMaxRetained = 4;
    circuits.DisconnectedCircuitRetentionPeriod = TimeSpan.FromMinutes(1);
});

var app = builder.Build();
app.UseWhen(context => HttpMethods.IsGet(context.Request.Method), pages => pages.UseStatusCodePagesWithReExecute("/not-found"));
app.UseAuthentication();
app.UseAuthorization();
app.UseAntiforgery();
app.MapOtlp();
app.MapStaticAssets().AllowAnonymous();
app.MapRazorComponents<App>().AddInteractiveServerRenderMode();

await app.StartAsync();
options.Announce(Console.Out);
await app.WaitForShutdownAsync();
return 0;
