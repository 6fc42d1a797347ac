using System.Net;
using System.Net.Sockets;

namespace LocalAspire.Tests;

/// <summary>Public ports and the replicas behind them.</summary>
public sealed class EndpointTests
{
    [Fact]
    public async Task Replicas_BehindOnePort_AreAllUsed()
    {
        await using var app = await TestApplication.StartAsync(builder => Echo(builder, 3));
        var running = await AllHealthyAsync(app, 3);

        var answering = new HashSet<int>();
        for (var i = 0; i < 12; i++)
            answering.Add(await app.GetAsync<int>("echo", "/pid")); // a connection each

        Assert.Equal(running.Select(TestApplication.ProcessIdOf).ToHashSet(), answering);
    }

    [Fact]
    public async Task Replicas_OneDies_ThePortIsServedByTheOther()
    {
        await using var app = await TestApplication.StartAsync(builder => Echo(builder, 2));
        var running = await AllHealthyAsync(app, 2);

        var stopped = await app.ResourceCommands.ExecuteCommandAsync(running[0].ResourceId, KnownResourceCommands.StopCommand, TestApplication.Limit);

        Assert.True(stopped.Success);
        for (var i = 0; i < 4; i++)
            Assert.Equal(TestApplication.ProcessIdOf(running[1]), await app.GetAsync<int>("echo", "/pid"));
    }

    [Fact]
    public async Task PublicPort_ReplicaRestarts_StaysOpenAndServesTheNew()
    {
        var port = FreePort();
        await using var app = await TestApplication.StartAsync(
            builder => Echo(builder, 1).WithEndpoint("http", endpoint => endpoint.Port = port), "--LocalAspire:RandomizePorts=false");
        await app.HealthyAsync("echo");

        await app.ResourceCommands.ExecuteCommandAsync("echo", KnownResourceCommands.StopCommand, TestApplication.Limit);
        using var whileStopped = new TcpClient();
        await whileStopped.ConnectAsync(IPAddress.Loopback, port, TestApplication.Limit);
        var read = await whileStopped.GetStream().ReadAsync(new byte[1], TestApplication.Limit);
        await app.ResourceCommands.ExecuteCommandAsync("echo", KnownResourceCommands.StartCommand, TestApplication.Limit);
        var again = await app.HealthyAsync("echo");

        Assert.Equal(new Uri($"http://localhost:{port}"), app.GetEndpoint("echo"));
        Assert.Equal(0, read); // closed cleanly
        Assert.Equal(TestApplication.ProcessIdOf(again), await app.GetAsync<int>("echo", "/pid"));
    }

    [Fact]
    public async Task PublicPort_InATest_IsReplacedByAFreeOne()
    {
        var port = FreePort();
        await using var app = await TestApplication.StartAsync(builder => Echo(builder, 1).WithEndpoint("http", endpoint => endpoint.Port = port));
        await app.HealthyAsync("echo");

        Assert.NotEqual(port, app.GetEndpoint("echo").Port);
    }

    [Fact]
    public async Task PublicPort_Taken_SaysByWhomAndWhatToDo()
    {
        using var holder = new TcpListener(IPAddress.Loopback, 0);
        holder.Start();
        var port = ((IPEndPoint)holder.LocalEndpoint).Port;

        var failure = await Assert.ThrowsAsync<DistributedApplicationException>(() => TestApplication.StartAsync(
            builder => Echo(builder, 1).WithEndpoint("http", endpoint => endpoint.Port = port),
            "--LocalAspire:RandomizePorts=false", "--LocalAspire:PortHint=Choose another by --port N."));

        Assert.Contains($"Port {port}, which the endpoint 'http' of 'echo' needs, is taken by process {Environment.ProcessId} (", failure.Message);
        Assert.EndsWith("Choose another by --port N.", failure.Message);
    }

    [Fact]
    public async Task Applications_SideBySide_DoNotMeet()
    {
        await using var one = await TestApplication.StartAsync(builder => Echo(builder, 1));
        await using var two = await TestApplication.StartAsync(builder => Echo(builder, 1));
        await Task.WhenAll(one.HealthyAsync("echo"), two.HealthyAsync("echo"));

        var (first, second) = (await one.GetAsync<int>("echo", "/pid"), await two.GetAsync<int>("echo", "/pid"));
        await one.StopAsync(TestApplication.Limit);

        Assert.NotEqual(first, second);
        Assert.Equal(second, await two.GetAsync<int>("echo", "/pid"));
        Assert.False(Processes.IsAlive(first));
    }

    [Fact]
    public async Task Urls_Customized_AreShownSo()
    {
        await using var app = await TestApplication.StartAsync(builder => Echo(builder, 1).WithUrlForEndpoint("http", url =>
        {
            url.Url = "/scalar";
            url.DisplayText = "API";
        }));
        var echo = await app.HealthyAsync("echo");

        var url = Assert.Single(echo.Snapshot.Urls);
        Assert.Equal((new Uri(app.GetEndpoint("echo"), "/scalar").ToString(), "API"), (url.Url, url.DisplayName));
    }

    private static IResourceBuilder<ProjectResource> Echo(IDistributedApplicationBuilder builder, int replicas) =>
        builder.AddProject<Projects.Echo>("echo").WithReplicas(replicas).WithHttpHealthCheck("/health");

    private static async Task<List<ResourceEvent>> AllHealthyAsync(DistributedApplication app, int count)
    {
        var healthy = new Dictionary<string, ResourceEvent>();
        await foreach (var e in app.ResourceNotifications.WatchAsync(TestApplication.Limit))
        {
            if (e.Snapshot.HealthStatus == Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Healthy)
                healthy[e.ResourceId] = e;
            if (healthy.Count == count)
                break;
        }
        return [.. healthy.Values];
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
