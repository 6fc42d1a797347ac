using Microsoft.Extensions.Configuration;

// The topology of the shop, and nothing else.
var builder = DistributedApplication.CreateBuilder(args);

var postgres = builder.AddPostgres("postgres");
var messaging = builder.AddRabbitMQ("messaging").WithManagementPlugin();
if (!builder.Configuration.GetValue<bool>("Data:Ephemeral"))
{
    postgres.WithDataVolume();
    messaging.WithDataVolume();
}

var generatedPassword = new GenerateParameterDefault { MinLength = 16, Special = false };
var adminPassword = builder.AddParameter("admin-password", generatedPassword, secret: true, persist: true);
var demoPassword = builder.AddParameter("demo-password", generatedPassword, secret: true, persist: true);

var generatedSecret = new GenerateParameterDefault { MinLength = 32, Special = false };
var identityKey = builder.AddParameter("identity-key", generatedSecret, secret: true, persist: true);

var users = AddService<Projects.Users>("users")
    .WithEnvironment("Identity__Key", identityKey)
    .WithEnvironment("Identity__PasswordGrant", builder.Configuration["Identity:PasswordGrant"] ?? "true")
    .WithEnvironment("Seed__AdminPassword", adminPassword)
    .WithEnvironment("Seed__DemoPassword", demoPassword);
var products = AddService<Projects.Products>("products");
var inventory = AddService<Projects.Inventory>("inventory");
var payments = AddService<Projects.Payments>("payments");
var shipping = AddService<Projects.Shipping>("shipping");
var notifications = AddService<Projects.Notifications>("notifications");
var orders = AddService<Projects.Orders>("orders")
    .WithReference(users)
    .WithReference(products);
inventory.WithReference(products);
payments.WithReference(orders);
shipping.WithReference(orders);

var gateway = builder.AddProject<Projects.Shop_Gateway>("gateway", launchProfileName: null)
    .WithEnvironment("ASPNETCORE_ENVIRONMENT", builder.Environment.EnvironmentName)
    .WithHttpEndpoint(port: builder.Configuration.GetValue("Gateway:Port", 8080), name: "http")
    .WithHttpHealthCheck("/health");
if (builder.Configuration.GetSection("Kestrel:Certificates:Default").Exists())
    gateway.WithEndpoint(port: builder.Configuration.GetValue<int?>("Gateway:HttpsPort"), scheme: "https", name: "https");
gateway.WithExternalHttpEndpoints();
PassOn(gateway, "RateLimits", "Resilience", "Edge", "Deprecation", "Kestrel");
PassOn(orders, "Orders");
PassOn(notifications, "Mail");

// The payment provider reports to the shop's public address, signed.
payments
    .WithEnvironment("Provider__WebhookSecret", builder.AddParameter(
        "payment-webhook-secret", new GenerateParameterDefault { MinLength = 32, Special = false }, secret: true, persist: true))
    .WithEnvironment("Provider__ShopUrl", gateway.GetEndpoint("http"));

var services = new[] { users, products, orders, inventory, payments, shipping, notifications };
foreach (var service in services)
    gateway.WithReference(service).WaitFor(service);

// Each service is a client of Users by a secret of its own: what it may ask the others, it asks in its own name.
foreach (var service in services)
{
    var name = service.Resource.Name;
    var secret = builder.AddParameter($"{name}-secret", generatedSecret, secret: true, persist: true);
    users.WithEnvironment($"Identity__ServiceSecrets__{name}", secret);
    service.WithEnvironment("Identity__ClientId", name).WithEnvironment("Identity__ClientSecret", secret);
}

// Tokens are issued in the name of the shop's public address, and their keys are asked of Users.
foreach (var service in services.Append(gateway))
{
    service.WithReference(users);
    if (builder.Configuration["Gateway:PublicUrl"] is { } publicUrl)
        service.WithEnvironment("Identity__Issuer", publicUrl);
    else
        service.WithEnvironment("Identity__Issuer", gateway.GetEndpoint("http"));
}

builder.Build().Run();

// What the shop was started with, for the one whom it concerns.
void PassOn(IResourceBuilder<ProjectResource> project, params string[] sections)
{
    foreach (var (key, value) in sections.SelectMany(section => builder.Configuration.GetSection(section).AsEnumerable()))
    {
        if (value is not null)
            project.WithEnvironment(key.Replace(":", "__", StringComparison.Ordinal), value);
    }
}

// A service has a database of its own and talks to the others through the broker.
IResourceBuilder<ProjectResource> AddService<TProject>(string name)
    where TProject : IProjectMetadata, new()
{
    var database = postgres.AddDatabase($"{name}db");
    return builder.AddProject<TProject>(name)
        .WithReference(database).WaitFor(database)
        .WithReference(messaging).WaitFor(messaging)
        .WithReplicas(builder.Configuration.GetValue($"Replicas:{name}", 1))
        .WithHttpHealthCheck("/health");
}
