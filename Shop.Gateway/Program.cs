using Shop.Gateway;
using Shop.Gateway.Composition;
using Yarp.ReverseProxy.ServiceDiscovery;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.Services.AddSingleton<IDestinationResolver, ServiceDiscoveryDestinationResolver>();
builder.Services.AddReverseProxy()
    .LoadFromConfig(builder.Configuration.GetSection("ReverseProxy"))
    .AddConfigFilter<SignedInByDefault>()
    .AddTransforms<IdentityHeaderTransforms>()
    .AddTransforms<UserVersion1Transforms>();

var app = builder.Build();
app.MapDefaultEndpoints();
app.MapOperationsOverview();
app.MapReverseProxy();
app.Run();
