using System.Text.Json;

namespace LocalAspire.Tests;

/// <summary>More and fewer replicas while the application runs.</summary>
public sealed class ScalingTests
{
    private const string Add = "add-replica", Remove = "remove-replica";

    [Fact]
    public async Task Replica_Added_IsToldOfAndServes()
    {
        await using var app = await StartAsync();
        var first = await app.HealthyAsync("echo");
        var file = await FileAsync(app);
        Assert.Single(Addresses(file));

        await CommandAsync(app, first, Add);
        var second = await OtherAsync(app, first);

        var addresses = await AddressesAsync(file, 2);
        Assert.Equal([TestApplication.ProcessIdOf(first), TestApplication.ProcessIdOf(second)], await Task.WhenAll(addresses.Select(ProcessIdAsync)));
        Assert.Equal((0, 1), (first.Snapshot.Replica, second.Snapshot.Replica));
    }

    [Fact]
    public async Task Replica_NotYetHealthy_IsNotToldOf()
    {
        await using var app = await StartAsync("--unhealthy");
        var first = await app.StateAsync("echo", KnownResourceStates.Running);
        var file = await FileAsync(app);

        await CommandAsync(app, first, Add);
        var second = await app.ResourceNotifications.WaitForResourceAsync(
            "echo", e => e.ResourceId != first.ResourceId && e.Snapshot.HealthReports is [{ Description: { } text }] && text.Contains("gave 503"), TestApplication.Limit);
        Assert.Single(Addresses(file));
        using var client = new HttpClient();
        using var made = await client.PostAsync(new Uri($"{Variable(second, "ASPNETCORE_URLS")}/health/true"), null, TestApplication.Limit);

        await AddressesAsync(file, 2);
    }

    [Fact]
    public async Task Replica_Removed_IsNoLongerToldOfAndFinishesWhatItHasBegun()
    {
        await using var app = await StartAsync();
        var first = await app.HealthyAsync("echo");
        var file = await FileAsync(app);
        await CommandAsync(app, first, Add);
        var second = await OtherAsync(app, first);
        var addresses = await AddressesAsync(file, 2);
        using var client = new HttpClient();
        var work = client.GetStringAsync(new Uri($"{addresses[1]}/work?milliseconds=4000"), TestApplication.Limit);
        await client.GetStringAsync(new Uri($"{addresses[1]}/working"), TestApplication.Limit);

        var removal = CommandAsync(app, first, Remove);
        await AddressesAsync(file, 1);
        Assert.True(Processes.IsAlive(TestApplication.ProcessIdOf(second)));
        await removal;

        Assert.Equal("done", await work);
        Assert.False(Processes.IsAlive(TestApplication.ProcessIdOf(second)));
        Assert.False(app.ResourceNotifications.TryGetCurrentState(second.ResourceId, out _));
        Assert.Equal(addresses[..1], Addresses(file));
        await CommandAsync(app, first, Add);
        await OtherAsync(app, first);
        Assert.Equal(addresses[0], (await AddressesAsync(file, 2))[0]);
    }

    [Fact]
    public async Task Replica_TheOnlyOne_IsNotRemoved()
    {
        await using var app = await StartAsync();
        var only = await app.HealthyAsync("echo");

        var refused = await app.ResourceCommands.ExecuteCommandAsync(only.ResourceId, Remove, TestApplication.Limit);

        Assert.Contains("no more than one replica", refused.ErrorMessage);
        Assert.Contains(only.Snapshot.Commands, command => command is { Name: Remove, State: ResourceCommandState.Disabled });
    }

    [Fact]
    public async Task Resource_WithAFixedTargetPort_CannotBeScaled()
    {
        await using var app = await TestApplication.StartAsync(builder =>
            builder.AddProject<Projects.Echo>("echo").WithEndpoint("http", endpoint => endpoint.TargetPort = 21_999).WithExplicitStart());

        var echo = await app.StateAsync("echo", KnownResourceStates.NotStarted);

        Assert.DoesNotContain(echo.Snapshot.Commands, command => command.Name is Add or Remove);
    }

    private static Task<DistributedApplication> StartAsync(params string[] args) => TestApplication.StartAsync(builder =>
    {
        var echo = builder.AddProject<Projects.Echo>("echo").WithArgs(args).WithHttpHealthCheck("/health");
        builder.AddProject<Projects.Echo>("caller").WithReference(echo).WithReference("elsewhere", new Uri("https://example.com/")).WithHttpHealthCheck("/health");
    });

    private static async Task<string> FileAsync(DistributedApplication app)
    {
        await app.HealthyAsync("caller");
        return (await app.GetAsync<Dictionary<string, string>>("caller", "/environment"))["ServiceDiscovery__File"];
    }

    private static async Task CommandAsync(DistributedApplication app, ResourceEvent resource, string command)
    {
        var result = await app.ResourceCommands.ExecuteCommandAsync(resource.ResourceId, command, TestApplication.Limit);
        Assert.True(result.Success, result.ErrorMessage);
    }

    private static Task<ResourceEvent> OtherAsync(DistributedApplication app, ResourceEvent first) => app.ResourceNotifications.WaitForResourceAsync(
        "echo", e => e.ResourceId != first.ResourceId && e.Snapshot.HealthStatus == Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Healthy, TestApplication.Limit);

    private static async Task<string[]> AddressesAsync(string file, int count)
    {
        while (Addresses(file) is var addresses)
        {
            if (addresses.Length == count)
                return addresses;
            await Task.Delay(20, TestApplication.Limit);
        }
        return [];
    }

    private static string[] Addresses(string file)
    {
        var services = JsonDocument.Parse(File.ReadAllText(file)).RootElement.GetProperty("ServiceDiscovery").GetProperty("Services");
        Assert.Equal("https://example.com/", services.GetProperty("elsewhere").GetProperty("default")[0].GetString());
        return [.. services.GetProperty("echo").GetProperty("http").EnumerateArray().Select(address => address.GetString()!)];
    }

    private static string? Variable(ResourceEvent e, string name) => e.Snapshot.EnvironmentVariables.Single(variable => variable.Name == name).Value;

    private static async Task<int> ProcessIdAsync(string address)
    {
        using var client = new HttpClient();
        return int.Parse(await client.GetStringAsync(new Uri($"{address}/pid"), TestApplication.Limit), System.Globalization.CultureInfo.InvariantCulture);
    }
}
