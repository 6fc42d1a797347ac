// An application like the shop, small: what tests of whole runs start, in the test's process or in one of its own.
var builder = DistributedApplication.CreateBuilder(args);

var postgres = builder.AddPostgres("postgres");
var messaging = builder.AddRabbitMQ("messaging").WithManagementPlugin();
if (builder.Configuration["Data:Ephemeral"] != "true")
{
    postgres.WithDataVolume();
    messaging.WithDataVolume();
}
var database = postgres.AddDatabase("ordersdb");
var other = postgres.AddDatabase("usersdb");

var orders = builder.AddProject<Projects.Echo>("orders")
    .WithReplicas(2)
    .WithReference(database).WaitFor(database)
    .WithReference(messaging).WaitFor(messaging)
    .WithHttpHealthCheck("/health");

builder.AddProject<Projects.Echo>("gateway")
    .WithEndpoint("http", endpoint => endpoint.Port = builder.Configuration["GatewayPort"] is { } port
        ? int.Parse(port, System.Globalization.CultureInfo.InvariantCulture) : 8199)
    .WithReference(orders).WaitFor(orders)
    .WithReference(other)
    .WithHttpHealthCheck("/health")
    .WithExternalHttpEndpoints();

builder.Build().Run();
