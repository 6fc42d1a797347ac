using System.Collections.Immutable;
using LocalAspire.Hosting.ApplicationModel;

namespace LocalAspire.Hosting.Engine;

/// <summary>One process of a resource (or a resource without processes): starts it, watches over it, ends it.</summary>
internal sealed class ResourceInstance(ApplicationEngine engine, IResource resource, string id, int replica) : IDisposable
{
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromSeconds(30);
    private readonly SemaphoreSlim _commands = new(1);
    private CancellationTokenSource _stop = new();
    private Task _supervision = Task.CompletedTask;

    public IResource Resource { get; } = resource;

    /// <summary>Unique in the application, such as <c>orders-abcdefgh</c>.</summary>
    public string Id { get; } = id;

    /// <summary>Counted from 0.</summary>
    public int Replica { get; } = replica;

    /// <summary>Whether others are told where it is.</summary>
    public bool IsTold { get; set; }

    public ApplicationEngine Engine { get; } = engine;

    public ResourceLog Log { get; } = engine.Logs.LogOf(id);

    public CustomResourceSnapshot Snapshot =>
        Engine.Notifications.TryGetCurrentState(Id, out var current) ? current.Snapshot : throw new InvalidOperationException(Id);

    /// <summary>Where this very process listens.</summary>
    public Uri UrlOf(EndpointReference endpoint) => new($"{endpoint.Scheme}://127.0.0.1:{endpoint.Allocation.TargetPorts[Replica]}");

    /// <summary>Begins to start the process, unless it runs already. Everything that follows shows in its snapshot.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _commands.WaitAsync(cancellationToken);
        try
        {
            // It has ended, and that is shown a moment before all of it is put away.
            if (!Engine.Restarts && Snapshot.IsTerminal)
                await _supervision;
            if (!_supervision.IsCompleted)
                return;
            _stop.Dispose();
            _stop = new();
            await PublishAsync(s => s with { State = KnownResourceStates.Starting, Failure = null, ExitCode = null, HealthReports = [] });
            _supervision = Task.Run(() => SuperviseAsync(_stop.Token), CancellationToken.None);
        }
        finally
        {
            _commands.Release();
        }
    }

    /// <summary>Ends the process and waits until it is gone.</summary>
    public async Task StopAsync()
    {
        await _commands.WaitAsync();
        try
        {
            await _stop.CancelAsync();
            await _supervision;
        }
        finally
        {
            _commands.Release();
        }
    }

    public void Dispose()
    {
        _stop.Dispose();
        _commands.Dispose();
    }

    public Task PublishAsync(Func<CustomResourceSnapshot, CustomResourceSnapshot> change) =>
        Engine.Notifications.PublishUpdateAsync(Resource, Id, s => LifecycleCommands.Update(Resource, change(s), Engine.Services));

    private async Task SuperviseAsync(CancellationToken stop)
    {
        try
        {
            await WaitForDependenciesAsync(stop);
            var backoff = TimeSpan.FromSeconds(1);
            while (true)
            {
                var started = Engine.Time.GetTimestamp();
                await RunAsync(stop);
                if (stop.IsCancellationRequested || !Engine.Restarts || IsDone)
                    return;
                if (Engine.Time.GetElapsedTime(started) > LongestBackoff)
                    backoff = TimeSpan.FromSeconds(1);
                await Task.Delay(backoff, Engine.Time, stop);
                backoff = TimeSpan.FromTicks(Math.Min(backoff.Ticks * 2, LongestBackoff.Ticks));
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await PublishAsync(s => s with { State = KnownResourceStates.Exited, StopTimeStamp = Now });
        }
        catch (DistributedApplicationException e)
        {
            await FailAsync(e.Message);
        }
    }

    /// <summary>Whether it was a job, and is through with it: a service is not meant to end by itself, whatever its exit code.</summary>
    private bool IsDone => Snapshot.State?.Text == KnownResourceStates.Finished && !Resource.AnnotationsOf<EndpointAnnotation>().Any();

    private async Task WaitForDependenciesAsync(CancellationToken stop)
    {
        if (!Resource.AnnotationsOf<WaitAnnotation>().Any())
            return;
        await PublishAsync(s => s with { State = KnownResourceStates.Waiting });
        await Engine.Notifications.WaitForDependenciesAsync(Resource, stop);
    }

    private async Task RunAsync(CancellationToken stop)
    {
        await PublishAsync(s => s with { State = KnownResourceStates.Starting, ExitCode = null, HealthReports = UnknownHealth, Failure = null });
        try
        {
            if (Resource.TryGetLastAnnotation<LaunchAnnotation>(out var launch))
                await RunProcessAsync(launch, stop);
            else
                await RunWithoutProcessAsync(stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            throw;
        }
#pragma warning disable CA1031 // Whatever keeps a resource from starting is shown as its failure; the others go on.
        catch (Exception e)
#pragma warning restore CA1031
        {
            if (e is not DistributedApplicationException)
                Log.Add(e.ToString(), isError: true);
            await FailAsync(e is DistributedApplicationException ? e.Message : $"{e.GetType().Name}: {e.Message}");
        }
    }

    private async Task RunWithoutProcessAsync(CancellationToken stop)
    {
        if (Resource.TryGetLastAnnotation<StartAnnotation>(out var start))
            await start.Start(this, stop);
        await PublishAsync(s => s with { State = KnownResourceStates.Running, StartTimeStamp = Now });
        await HealthMonitor.WatchAsync(this, stop);
    }

    private async Task RunProcessAsync(LaunchAnnotation annotation, CancellationToken stop)
    {
        var launch = await annotation.Prepare(this, stop);
        var firstLine = Log.Count;
        using var process = Engine.Spawn(launch, annotation.Stage, Log);
        await PublishAsync(s => s with
        {
            State = KnownResourceStates.Running, StartTimeStamp = Now, StopTimeStamp = null,
            Properties = [new("executable.pid", process.Id), new("executable.path", launch.FileName)],
            EnvironmentVariables = [.. launch.Environment.Select(variable => new EnvironmentVariableSnapshot(variable.Key, variable.Value, true))],
        });

        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var health = HealthMonitor.WatchAsync(this, ended.Token);
        await Task.WhenAny(process.Exited, Task.Delay(Timeout.Infinite, ended.Token));
        var wasAsked = !process.Exited.IsCompleted;
        var wasHealthy = Snapshot.HealthStatus == Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Healthy;
        await ended.CancelAsync();
        await health;
        if (wasAsked)
        {
            await PublishAsync(s => s with { State = KnownResourceStates.Stopping });
            await process.StopAsync();
        }

        var exitCode = await process.Exited;
        await PublishAsync(s => s with
        {
            State = wasAsked || exitCode != 0 ? KnownResourceStates.Exited : KnownResourceStates.Finished,
            ExitCode = exitCode, StopTimeStamp = Now, Properties = [], HealthReports = [],
            Failure = wasAsked || exitCode == 0 ? null : Describe(exitCode, wasHealthy, firstLine),
        });
    }

    private string Describe(int exitCode, bool wasHealthy, int firstLine)
    {
        var lines = Log.Tail(20).Where(line => line.LineNumber > firstLine).Select(line => "    " + line.Content).ToList();
        return $"its process ended with exit code {exitCode}{(wasHealthy ? "" : " before it was healthy")}."
            + (lines.Count == 0 ? " It wrote nothing." : string.Join(Environment.NewLine, ["", "  It wrote last:", .. lines]));
    }

    private async Task FailAsync(string failure)
    {
        Log.Add(failure, isError: true);
        await PublishAsync(s => s with { State = KnownResourceStates.FailedToStart, StopTimeStamp = Now, Failure = failure, HealthReports = [] });
    }

    private DateTime Now => Engine.Time.GetUtcNow().UtcDateTime;

    private ImmutableArray<HealthReportSnapshot> UnknownHealth =>
        [.. Resource.AnnotationsOf<HealthProbeAnnotation>().Select(probe => new HealthReportSnapshot(probe.Name, null, null, null))];
}
