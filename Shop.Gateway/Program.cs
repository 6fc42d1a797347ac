using Microsoft.Extensions.Options;
using Shop.Gateway;
using Shop.Gateway.Composition;
using Shop.Gateway.Edge;
using Shop.Gateway.OpenApi;
using Shop.Gateway.Resilience;
using Shop.Gateway.Versions;
using Yarp.ReverseProxy.ServiceDiscovery;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddEdge();
builder.Services.AddApiReference();
builder.Services.AddPublicFace();
builder.Services.AddSingleton<IDestinationResolver, ServiceDiscoveryDestinationResolver>();
builder.Services.AddReverseProxy()
    .LoadFromConfig(builder.Configuration.GetSection("ReverseProxy"))
    .AddConfigFilter<SignedInByDefault>()
    .AddTransforms<IdentityHeaderTransforms>()
    .AddVersions()
    .AddResilience()
    .AddComposition();

var app = builder.Build();
app.Services.GetRequiredService<IStartupValidator>().Validate(); // all errors at once, before any part stumbles over its own
app.UseEdge();
app.MapDefaultEndpoints(beforeAuthorization: pipeline => pipeline.UseRateLimiter());
app.Use(Acceptable.RefuseOthersAsync);
app.UseMiddleware<BodyFirst>();
app.UseRequestTimeouts();
app.UseApiReference();
app.MapComposition();
app.MapReverseProxy(proxy => proxy.UseResilience());
app.Run();
