using LocalAspire.Dashboard;
using LocalAspire.Dashboard.Resources;
using LocalAspire.Hosting.Engine;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace LocalAspire.Tests.Dashboard;

/// <summary>What an AppHost tells its dashboard, and what the dashboard can tell it: both ends, with the wire between them.</summary>
public sealed class ResourceServerTests
{
    private const string Key = "the-key-of-these-tests";

    [Fact]
    public async Task Resources_OfARunningApplication_AreKnownToTheDashboard()
    {
        await using var app = await StartAsync();
        await app.HealthyAsync("echo");
        await using var dashboard = await ConnectAsync(app);

        await dashboard.UntilAsync(client => client.Find("echo")?.Health == "Healthy");
        var echo = dashboard.Client.Find("echo")!;
        Assert.Equal(("echo", "Project", "Running"), (echo.Name, echo.Type, echo.State));
        Assert.Equal(app.GetEndpoint("echo").ToString().TrimEnd('/'), Assert.Single(echo.Urls).Url_);
        Assert.Equal("Healthy", Assert.Single(echo.HealthReports).Status);
        Assert.Contains(echo.Relationships, other => (other.Name, other.Type) == ("other", "Reference"));
        Assert.NotNull(echo.Started);
        Assert.DoesNotContain(dashboard.Client.All, resource => resource.Type == "Parameter");
    }

    [Fact]
    public async Task Environment_WithSecrets_IsMaskedBeforeItLeavesTheAppHost()
    {
        await using var app = await StartAsync();
        await app.HealthyAsync("echo");
        await using var dashboard = await ConnectAsync(app);

        await dashboard.UntilAsync(client => client.Find("echo")?.Environment.Count > 0);
        var echo = dashboard.Client.Find("echo")!;
        var variables = echo.Environment.ToDictionary(variable => variable.Name, variable => variable.Value);
        Assert.DoesNotContain("top-secret", echo.ToString());
        Assert.Equal("for ••••••••@here", variables["MIXED"]);
        Assert.Equal("text", variables["TEXT"]);
        Assert.Equal("••••••••", variables["SERVICE_API_KEY"]);
        Assert.Contains("Password=••••••••;Database=", variables["ConnectionStrings__data"]);
    }

    [Fact]
    public async Task Commands_OfTheDashboard_ReachTheResource()
    {
        await using var app = await StartAsync();
        await app.HealthyAsync("echo");
        await using var dashboard = await ConnectAsync(app);
        await dashboard.UntilAsync(client => client.Find("echo") is not null);
        var id = dashboard.Client.Find("echo")!.Id;

        Assert.Null(await dashboard.Client.ExecuteAsync(id, "stop"));
        await dashboard.UntilAsync(client => client.Find("echo")!.State == "Exited");
        Assert.Null(await dashboard.Client.ExecuteAsync(id, "start"));
        await dashboard.UntilAsync(client => client.Find("echo")!.Health == "Healthy");
        Assert.Null(await dashboard.Client.ExecuteAsync(id, "greet"));
        Assert.Equal("not today", await dashboard.Client.ExecuteAsync(id, "refuse"));
        Assert.Contains("not available", await dashboard.Client.ExecuteAsync(id, "unknown"));
    }

    [Fact]
    public async Task Console_Followed_TellsWhatWasWrittenAndWhatIs()
    {
        await using var app = await StartAsync();
        var echo = await app.HealthyAsync("echo");
        await using var dashboard = await ConnectAsync(app);
        await dashboard.UntilAsync(client => client.Find("echo") is not null);
        var log = app.Services.GetRequiredService<ResourceLoggerService>().LogOf(echo.ResourceId);
        log.Add("before", isError: false);

        var lines = new List<string>();
        await foreach (var line in dashboard.Client.FollowConsoleAsync(echo.ResourceId, TestApplication.Limit))
        {
            lines.Add(line.Text);
            if (line.Text == "before")
                log.Add("after", isError: true);
            if (line.Text == "after" && line.IsError)
                break;
        }

        Assert.Equal(["before", "after"], lines.Where(line => line is "before" or "after")); // others may come between
    }

    [Theory]
    [InlineData("")]
    [InlineData("the-key-of-these-test")]
    public async Task Server_WithoutTheRightKey_TellsNothing(string key)
    {
        await using var app = await StartAsync();
        await using var dashboard = await ConnectAsync(app, key);

        var failure = await dashboard.Client.ExecuteAsync("echo", "stop");

        Assert.Contains("401", failure);
        Assert.Empty(dashboard.Client.All);
        Assert.False(dashboard.Client.IsConnected);
    }

    private static Task<DistributedApplication> StartAsync() => TestApplication.StartAsync(builder =>
    {
        var secret = builder.AddParameter("secret", "top-secret", secret: true);
        var other = builder.AddProject<Projects.Echo>("other").WithExplicitStart();
        builder.AddProject<Projects.Echo>("echo").WithHttpHealthCheck("/health").WithReference(other)
            .WithEnvironment("TEXT", "text").WithEnvironment("MIXED", $"for {secret}@here").WithEnvironment("SERVICE_API_KEY", "made elsewhere")
            .WithEnvironment("ConnectionStrings__data", "Host=there;Password=unknown to the model;Database=data".Replace(' ', '-'))
            .WithCommand("greet", "Greet", _ => Task.FromResult(CommandResults.Success()))
            .WithCommand("refuse", "Refuse", _ => Task.FromResult(CommandResults.Failure("not today")));
    });

    private static async Task<Connected> ConnectAsync(DistributedApplication app, string key = Key)
    {
        using var ports = new PortAllocator();
        var port = ports.Next();
        var services = app.Services;
        var server = await new ResourceServer(
            services.GetRequiredService<DistributedApplicationModel>(), app.ResourceNotifications, services.GetRequiredService<ResourceLoggerService>(), app.ResourceCommands)
            .ListenAsync(port, Key, TestApplication.Limit);
        var client = new ResourceClient(
            new DashboardOptions { ResourceServiceUrl = $"http://127.0.0.1:{port}", ResourceServiceApiKey = key }, TimeProvider.System, NullLogger<ResourceClient>.Instance);
        await client.StartAsync(TestApplication.Limit);
        return new(server, client);
    }

    private sealed record Connected(WebApplication Server, ResourceClient Client) : IAsyncDisposable
    {
        public async Task UntilAsync(Func<ResourceClient, bool> condition)
        {
            for (var limit = TestApplication.Limit; !condition(Client);)
                await Task.Delay(20, limit);
        }

        public async ValueTask DisposeAsync()
        {
            await Client.StopAsync(CancellationToken.None);
            Client.Dispose();
            await Server.DisposeAsync();
        }
    }
}
