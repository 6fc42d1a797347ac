using System.Diagnostics;

namespace LocalAspire.Tests;

/// <summary>How processes start, wait for each other, die, and are told to start and stop.</summary>
public sealed class LifecycleTests
{
    [Fact]
    public async Task Resource_WaitingForHealth_StartsOnlyThen()
    {
        await using var app = await TestApplication.StartAsync(builder =>
        {
            var first = builder.AddProject<Projects.Echo>("first").WithArgs("--unhealthy").WithHttpHealthCheck("/health");
            builder.AddProject<Projects.Echo>("second").WaitFor(first).WithHttpHealthCheck("/health");
            builder.AddProject<Projects.Echo>("third").WaitForStart(first);
        });

        await app.HealthyAsync("third");
        await app.StateAsync("second", KnownResourceStates.Waiting);
        await app.ResourceNotifications.WaitForResourceAsync(
            "first", e => e.Snapshot.HealthReports is [{ Description: { } text }] && text.Contains("gave 503"), TestApplication.Limit);
        await app.PostAsync("first", "/health/true");
        var second = await app.HealthyAsync("second");

        Assert.True(app.ResourceNotifications.TryGetCurrentState("first", out var first));
        Assert.True(second.Snapshot.StartTimeStamp > first.Snapshot.StartTimeStamp);
    }

    [Fact]
    public async Task Resource_WaitingForCompletion_StartsAfterExpectedExitCode()
    {
        await using var app = await TestApplication.StartAsync(builder =>
        {
            var job = builder.AddProject<Projects.Dotted_Name_Job>("job");
            var odd = builder.AddProject<Projects.Dotted_Name_Job>("odd").WithArgs("3");
            builder.AddExecutable("after-job", "sleep", ".", "60").WaitForCompletion(job);
            builder.AddExecutable("after-odd", "sleep", ".", "60").WaitForCompletion(odd, exitCode: 3);
            builder.AddExecutable("never", "sleep", ".", "60").WaitForCompletion(odd);
        });

        await app.HealthyAsync("after-job");
        await app.HealthyAsync("after-odd");
        var never = await app.StateAsync("never", KnownResourceStates.FailedToStart);

        Assert.Contains("'never' is not started: it waits for 'odd', which failed", never.Snapshot.Failure);
        Assert.Equal(0, (await app.StateAsync("job", KnownResourceStates.Finished)).Snapshot.ExitCode);
        Assert.Equal(3, (await app.StateAsync("odd", KnownResourceStates.Exited)).Snapshot.ExitCode);
    }

    [Fact]
    public async Task Resource_EndsAtStart_ShowsItsLastLinesAndFailsWhoWaits()
    {
        await using var app = await TestApplication.StartAsync(builder =>
        {
            var broken = builder.AddProject<Projects.Echo>("broken").WithHttpHealthCheck("/health").WithArgs("exit", "7", "no such table: orders");
            builder.AddProject<Projects.Echo>("waiting").WaitFor(broken);
        });

        var failure = await Assert.ThrowsAsync<DistributedApplicationException>(() => app.HealthyAsync("broken"));
        var waiting = await app.StateAsync("waiting", KnownResourceStates.FailedToStart);

        Assert.Contains("exit code 7 before it was healthy", failure.Message);
        Assert.Contains("no such table: orders", failure.Message);
        Assert.Contains("it waits for 'broken', which failed: its process ended with exit code 7", waiting.Snapshot.Failure);
    }

    [Fact]
    public async Task Resource_ProgramMissing_FailsToStartAndSaysSo()
    {
        await using var app = await TestApplication.StartAsync(builder => builder.AddExecutable("missing", "no-such-program", "."));

        var failed = await app.StateAsync("missing", KnownResourceStates.FailedToStart);

        Assert.Equal("The program 'no-such-program' was not found on PATH.", failed.Snapshot.Failure);
    }

    [Fact]
    public async Task Resource_Crashes_IsExitedUntilStartedByCommand()
    {
        await using var app = await TestApplication.StartAsync(builder => Echo(builder));
        var before = await app.HealthyAsync("echo");

        await CrashAsync(before);
        var exited = await app.StateAsync("echo", KnownResourceStates.Exited);
        var started = await app.ResourceCommands.ExecuteCommandAsync(before.ResourceId, KnownResourceCommands.StartCommand, TestApplication.Limit);
        await app.HealthyAsync("echo");

        Assert.Equal(137, exited.Snapshot.ExitCode);
        Assert.True(started.Success);
        Assert.NotEqual(TestApplication.ProcessIdOf(before), await app.GetAsync<int>("echo", "/pid"));
    }

    [Fact]
    public async Task Resource_CrashesWithRestart_RunsAgainOnTheSamePort()
    {
        await using var app = await TestApplication.StartAsync(builder => Echo(builder), "--LocalAspire:Restart=true");
        var before = await app.HealthyAsync("echo");
        var address = app.GetEndpoint("echo");

        var exited = app.StateAsync("echo", KnownResourceStates.Exited);
        await CrashAsync(before);
        await exited;
        await app.HealthyAsync("echo");

        Assert.Equal(address, app.GetEndpoint("echo"));
        Assert.NotEqual(TestApplication.ProcessIdOf(before), await app.GetAsync<int>("echo", "/pid"));
    }

    [Fact]
    public async Task Commands_StopStartRestart_DoSo()
    {
        await using var app = await TestApplication.StartAsync(builder => Echo(builder));
        var before = await app.HealthyAsync("echo");

        await CommandAsync(app, KnownResourceCommands.StopCommand);
        Assert.True(app.ResourceNotifications.TryGetCurrentState("echo", out var stopped));
        await CommandAsync(app, KnownResourceCommands.StartCommand);
        var started = await app.HealthyAsync("echo");
        await CommandAsync(app, KnownResourceCommands.RestartCommand);
        var restarted = await app.HealthyAsync("echo");

        Assert.Equal(KnownResourceStates.Exited, stopped.Snapshot.State!.Text);
        Assert.Null(stopped.Snapshot.Failure);
        Assert.Equal(3, new[] { before, started, restarted }.Select(TestApplication.ProcessIdOf).Distinct().Count());
    }

    [Fact]
    public async Task Commands_Unknown_Fail()
    {
        await using var app = await TestApplication.StartAsync(builder => Echo(builder).WithReplicas(2));

        var noCommand = await app.ResourceCommands.ExecuteCommandAsync((await app.HealthyAsync("echo")).ResourceId, "dance", TestApplication.Limit);
        var noReplica = await app.ResourceCommands.ExecuteCommandAsync("echo", KnownResourceCommands.StopCommand, TestApplication.Limit);

        Assert.Contains("'dance' not available", noCommand.ErrorMessage);
        Assert.Contains("'echo' not found", noReplica.ErrorMessage);
    }

    [Fact]
    public async Task Commands_Custom_AreExecutedAndOffered()
    {
        await using var app = await TestApplication.StartAsync(builder => Echo(builder)
            .WithCommand("fail", "Fail", _ => throw new InvalidOperationException("on purpose"), new() { Description = "Always fails" })
            .WithHttpCommand("/health/false", "Make unhealthy", commandName: "sicken"));
        var echo = await app.HealthyAsync("echo");

        var failed = await app.ResourceCommands.ExecuteCommandAsync("echo", "fail", TestApplication.Limit);
        var sickened = await app.ResourceCommands.ExecuteCommandAsync("echo", "sicken", TestApplication.Limit);

        Assert.Equal("on purpose", failed.ErrorMessage);
        Assert.True(sickened.Success);
        Assert.Contains(echo.Snapshot.Commands, command => command is { Name: "fail", DisplayDescription: "Always fails", State: ResourceCommandState.Enabled });
        Assert.Contains(echo.Snapshot.Commands, command => command is { Name: "start", State: ResourceCommandState.Disabled });
        await app.ResourceNotifications.WaitForResourceAsync(
            "echo", e => e.Snapshot.HealthStatus == Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Unhealthy, TestApplication.Limit);
    }

    [Fact]
    public async Task Resource_ExplicitStart_StartsOnlyOnCommand()
    {
        await using var app = await TestApplication.StartAsync(builder =>
        {
            Echo(builder).WithExplicitStart();
            builder.AddProject<Projects.Echo>("other");
        });
        await app.HealthyAsync("other");
        Assert.True(app.ResourceNotifications.TryGetCurrentState("echo", out var before));

        await CommandAsync(app, KnownResourceCommands.StartCommand);
        await app.HealthyAsync("echo");

        Assert.Equal(KnownResourceStates.NotStarted, before.Snapshot.State!.Text);
    }

    [Fact]
    public async Task Stop_RequestInFlight_IsFinishedFirst()
    {
        await using var app = await TestApplication.StartAsync(builder => Echo(builder));
        var echo = await app.HealthyAsync("echo");
        using var client = app.CreateHttpClient("echo");

        var work = client.GetStringAsync(new Uri("/work?milliseconds=1500", UriKind.Relative), TestApplication.Limit);
        await client.GetStringAsync(new Uri("/working", UriKind.Relative), TestApplication.Limit);
        await app.StopAsync(TestApplication.Limit);

        Assert.Equal("done", await work);
        Assert.False(Processes.IsAlive(TestApplication.ProcessIdOf(echo)));
    }

    [Fact]
    public async Task Stop_DependantsFirst_ThenWhatTheyNeed()
    {
        var app = await TestApplication.StartAsync(builder => builder.AddProject<Projects.Echo>("gateway").WaitFor(Echo(builder)));
        var gateway = await app.HealthyAsync("gateway");
        await app.StopAsync(TestApplication.Limit);

        Assert.True(app.ResourceNotifications.TryGetCurrentState("gateway", out var first));
        Assert.True(app.ResourceNotifications.TryGetCurrentState("echo", out var second));
        Assert.True(first.Snapshot.StopTimeStamp < second.Snapshot.StopTimeStamp);
        Assert.False(Processes.IsAlive(TestApplication.ProcessIdOf(gateway)));
        await app.DisposeAsync();
    }

    [Fact]
    public async Task Logs_OfAProcess_AreKept()
    {
        await using var app = await TestApplication.StartAsync(builder => Echo(builder));
        var echo = await app.HealthyAsync("echo");

        // What it has written may not have been read yet.
        for (var limit = TestApplication.Limit; !app.LogOf(echo.ResourceId).Any(line => line.Contains("Now listening on: http://127.0.0.1:"));)
            await Task.Delay(20, limit);
    }

    private static IResourceBuilder<ProjectResource> Echo(IDistributedApplicationBuilder builder) =>
        builder.AddProject<Projects.Echo>("echo").WithHttpHealthCheck("/health");

    private static async Task CommandAsync(DistributedApplication app, string command)
    {
        var result = await app.ResourceCommands.ExecuteCommandAsync("echo", command, TestApplication.Limit);
        Assert.True(result.Success, result.ErrorMessage);
    }

    private static async Task CrashAsync(ResourceEvent running)
    {
        using var process = Process.GetProcessById(TestApplication.ProcessIdOf(running));
        process.Kill();
        await process.WaitForExitAsync(TestApplication.Limit);
    }
}
