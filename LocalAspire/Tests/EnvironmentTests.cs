using Environment = System.Collections.Generic.Dictionary<string, string>;

namespace LocalAspire.Tests;

/// <summary>What a process finds in its environment.</summary>
public sealed class EnvironmentTests
{
    [Fact]
    public async Task Environment_OfEveryKind_IsGiven()
    {
        await using var app = await TestApplication.StartAsync(builder =>
        {
            var key = builder.AddParameter("api-key", "secret-value", secret: true);
            var users = builder.AddProject<Projects.Echo>("users").WithReplicas(2).WithHttpEndpoint(name: "grpc");
            var postgres = builder.AddPostgres("postgres").WithExplicitStart();
            var messaging = builder.AddRabbitMQ("messaging").WithExplicitStart();
            builder.AddProject<Projects.Echo>("echo")
                .WithEnvironment("TEXT", "text").WithEnvironment("CALLBACK", () => "called").WithEnvironment("KEY", key)
                .WithEnvironment("URL", users.GetEndpoint("http")).WithEnvironment("MIXED", $"{key}@{users.GetEndpoint("http").Property(EndpointProperty.Port)}")
                .WithEnvironment(context => context.EnvironmentVariables["RESOURCE"] = context.Resource.Name)
                .WithReference(users).WithReference(users.GetEndpoint("grpc"))
                .WithReference("elsewhere", new Uri("https://example.com/"))
                .WithReference(postgres.AddDatabase("users-db", "usersdb")).WithReference(postgres, "server").WithReference(messaging)
                .WithArgs("--name", "value").WithHttpHealthCheck("/health");
        });
        await app.HealthyAsync("echo");
        var environment = await app.GetAsync<Environment>("echo", "/environment");
        var port = app.GetEndpoint("users").Port;

        Assert.Equal(["--name", "value"], await app.GetAsync<string[]>("echo", "/arguments"));
        Assert.Equal("text", environment["TEXT"]);
        Assert.Equal("called", environment["CALLBACK"]);
        Assert.Equal("secret-value", environment["KEY"]);
        Assert.Equal($"http://localhost:{port}", environment["URL"]);
        Assert.Equal($"secret-value@{port}", environment["MIXED"]);
        Assert.Equal("echo", environment["RESOURCE"]);

        Assert.Equal($"http://localhost:{port}", environment["USERS_HTTP"]);
        Assert.Equal(app.GetEndpoint("users", "grpc"), new Uri(environment["USERS_GRPC"]));
        Assert.Distinct([environment["services__users__http__0"], environment["services__users__http__1"],
            environment["services__users__grpc__0"], environment["services__users__grpc__1"], environment["URL"]]);
        Assert.Equal("https://example.com/", environment["services__elsewhere__default__0"]);

        var database = await app.GetConnectionStringAsync("users-db", TestApplication.Limit);
        Assert.Equal(database, environment["ConnectionStrings__users-db"]);
        Assert.Equal($"Host={environment["USERS_DB_HOST"]};Port={environment["USERS_DB_PORT"]};Username={environment["USERS_DB_USERNAME"]};"
            + $"Password={environment["USERS_DB_PASSWORD"]};Database={environment["USERS_DB_DATABASENAME"]}", database);
        Assert.Equal("usersdb", environment["USERS_DB_USERNAME"]);
        Assert.EndsWith("/usersdb", environment["USERS_DB_URI"]);
        Assert.Contains("Username=postgres;", environment["ConnectionStrings__server"]);
        Assert.Equal(environment["ConnectionStrings__messaging"], environment["MESSAGING_URI"]);
        Assert.Equal($"amqp://guest:{environment["MESSAGING_PASSWORD"]}@127.0.0.1:{environment["MESSAGING_PORT"]}", environment["MESSAGING_URI"]);

        Assert.Equal("yes", environment["FROM_PROFILE"]);
        Assert.Equal("Development", environment["ASPNETCORE_ENVIRONMENT"]);
        Assert.Equal($"http://127.0.0.1:{app.GetEndpoint("echo").Port}", environment["ASPNETCORE_URLS"]);
        Assert.Equal("echo", environment["OTEL_SERVICE_NAME"]);
        Assert.Matches("^service.instance.id=[a-z]{8}$", environment["OTEL_RESOURCE_ATTRIBUTES"]);
        Assert.DoesNotContain("OTEL_EXPORTER_OTLP_ENDPOINT", environment.Keys);
    }

    [Fact]
    public async Task Environment_WithReceiverOfTelemetry_NamesIt()
    {
        await using var app = await TestApplication.StartAsync(
            builder => builder.AddProject<Projects.Echo>("echo").WithHttpHealthCheck("/health"),
            "--ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL=http://localhost:4317", "--AppHost:OtlpApiKey=key");
        await app.HealthyAsync("echo");
        var environment = await app.GetAsync<Environment>("echo", "/environment");

        Assert.Equal("http://localhost:4317", environment["OTEL_EXPORTER_OTLP_ENDPOINT"]);
        Assert.Equal("grpc", environment["OTEL_EXPORTER_OTLP_PROTOCOL"]);
        Assert.Equal("x-otlp-api-key=key", environment["OTEL_EXPORTER_OTLP_HEADERS"]);
        Assert.Equal("1000", environment["OTEL_METRIC_EXPORT_INTERVAL"]);
        Assert.Equal("always_on", environment["OTEL_TRACES_SAMPLER"]);
    }

    [Fact]
    public async Task Environment_WithoutLaunchProfile_HasNothingOfIt()
    {
        await using var app = await TestApplication.StartAsync(builder =>
            builder.AddProject<Projects.Echo>("echo", launchProfileName: null).WithHttpEndpoint(env: "MY_PORT").WithHttpHealthCheck("/health"));
        await app.HealthyAsync("echo");
        var environment = await app.GetAsync<Environment>("echo", "/environment");

        Assert.DoesNotContain("FROM_PROFILE", environment.Keys);
        Assert.Equal($"{app.GetEndpoint("echo").Port}", environment["MY_PORT"]);
    }

    [Fact]
    public async Task Environment_WithKestrelEndpoints_OverridesEach()
    {
        await using var app = await TestApplication.StartAsync(builder => builder.AddProject<Projects.TwoEndpoints>("two").WithHttpHealthCheck("/"));
        await app.HealthyAsync("two");
        var environment = await app.GetAsync<Environment>("two", "/environment");

        Assert.Equal($"http://127.0.0.1:{app.GetEndpoint("two", "http").Port}", environment["Kestrel__Endpoints__http__Url"]);
        Assert.Equal($"http://127.0.0.1:{app.GetEndpoint("two", "grpc").Port}", environment["Kestrel__Endpoints__grpc__Url"]);
        Assert.DoesNotContain("ASPNETCORE_URLS", environment.Keys);
    }
}
