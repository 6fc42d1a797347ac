using System.Collections.Concurrent;
using System.Security.Cryptography;
using LocalAspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace LocalAspire.Hosting.Engine;

/// <summary>Runs an application: starts its resources in order, watches over them, and ends them without a trace.</summary>
internal sealed class ApplicationEngine(
    DistributedApplicationModel model, ResourceNotificationService notifications, ResourceLoggerService logs,
    ResourceCommandService commands, IConfiguration configuration, IServiceProvider services, IHostEnvironment environment, EngineSettings settings, TimeProvider time) : IHostedService, IAsyncDisposable
{
    private readonly string _run = RandomNumberGenerator.GetHexString(16, lowercase: true);
    private readonly PortAllocator _ports = new();
    private Replicas? _replicas;
    private Guard? _guard;
    private FileStream? _dataLock;
    private DashboardProcess? _dashboard;

    /// <summary>Where people log in to the dashboard; null where there is none.</summary>
    public string? DashboardUrl => _dashboard?.LoginUrl;

    public ResourceNotificationService Notifications { get; } = notifications;

    public ResourceLoggerService Logs { get; } = logs;

    public EngineSettings Settings { get; } = settings;

    public TimeProvider Time { get; } = time;

    /// <summary>Whether somebody develops, and wants to see everything at once.</summary>
    public bool IsDevelopment { get; } = environment.IsDevelopment();

    public IConfiguration Configuration { get; } = configuration;

    public IServiceProvider Services { get; } = services;

    public PortAllocator Ports => _ports;

    public Replicas Replicas => _replicas ??= new(this, model);

    public IReadOnlyList<ResourceInstance> Instances => Replicas.All;

    /// <summary>Whether processes that die are started again.</summary>
    public bool Restarts { get; } = configuration.GetValue("LocalAspire:Restart", false);

    /// <summary>A directory of this run; it is removed at the end.</summary>
    public string RunDirectory { get; private set; } = "";

    public ResourceInstance InstanceOf(string id) => Instances.First(instance => instance.Id == id);

    /// <summary>Whether the data of a resource are kept from run to run.</summary>
    public bool Keeps(IResource resource) => Settings.DataDirectory is not null && resource.AnnotationsOf<DataVolumeAnnotation>().Any();

    /// <summary>The directory for the data of a resource: kept from run to run, or of this run only.</summary>
    public string DataDirectoryOf(IResource resource) => Path.Combine(
        Keeps(resource) ? Settings.DataDirectory! : RunDirectory,
        resource.AnnotationsOf<DataVolumeAnnotation>().LastOrDefault()?.Name ?? resource.Name);

    /// <summary>Starts a process that will not outlive this run.</summary>
    public ChildProcess Spawn(Launch launch, Stage stage, ResourceLog log)
    {
        var process = ChildProcess.Start(launch, $"{_run}:{(int)stage}", log.Add);
        _guard!.Watch(process.Id, stage, launch.StopSignal);
        return process;
    }

    /// <summary>Chooses ports, then begins to start all resources that are not told to wait for a command.</summary>
    /// <exception cref="DistributedApplicationException">The application as a whole cannot be started.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (OperatingSystem.IsWindows())
                throw new DistributedApplicationException("The local engine runs on Linux and macOS. On Windows use WSL, or the engine 'aspire'.");
            ModelValidator.Validate(model);
            Notifications.DefaultWaitBehavior = Restarts ? WaitBehavior.WaitOnResourceUnavailable : WaitBehavior.StopOnResourceUnavailable;
            _guard = new(_run, TimeSpan.FromSeconds(30));
            _guard.Start();
            _dataLock = DataDirectory.Own(model, Settings, _guard.ProcessId);
            RunDirectory = DataDirectory.CreateTemporary(_run);
            _guard.Remove(RunDirectory);
            foreach (var resource in model.Resources)
                LifecycleCommands.Add(resource);
            Replicas.Create();
            Logs.RemoveOldFiles(); // not before: until here another run may be in the way
            _dashboard = await DashboardProcess.StartAsync(this, new(model, Notifications, Logs, commands), cancellationToken);
            foreach (var instance in Instances)
                await PublishInitialAsync(instance);
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
        foreach (var instance in Instances.Where(i => !i.Resource.TryGetLastAnnotation<ExplicitStartupAnnotation>(out _)))
            await instance.StartAsync(cancellationToken);
    }

    /// <summary>Ends all processes: services first, each after those that depend on it, then the servers.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await Replicas.EndScalingAsync();
        var stops = new ConcurrentDictionary<IResource, Lazy<Task>>();
        await Task.WhenAll(Instances.Select(instance => StopAfterDependants(instance.Resource)));
        await DisposeAsync();

        Task StopAfterDependants(IResource resource) => stops.GetOrAdd(resource, _ => new(async () =>
        {
            await Task.WhenAll(Instances.Select(i => i.Resource).Distinct()
                .Where(other => other != resource && ModelValidator.StopsBefore(other, resource)).Select(StopAfterDependants));
            await Task.WhenAll(Instances.Where(i => i.Resource == resource).Select(i => i.StopAsync()));
        })).Value;
    }

    public async ValueTask DisposeAsync()
    {
        await Replicas.DisposeAsync();
        if (_dashboard is { } dashboard)
            await dashboard.DisposeAsync();
        _dashboard = null;
        if (_guard is { } guard)
            await guard.DisposeAsync();
        _guard = null;
        _dataLock?.Dispose();
        _ports.Dispose();
    }

    /// <summary>Shows a process that has not been started.</summary>
    public Task PublishInitialAsync(ResourceInstance instance)
    {
        var resource = instance.Resource;
        return instance.PublishAsync(s => s with
        {
            State = KnownResourceStates.NotStarted,
            Replica = instance.Replica,
            CreationTimeStamp = Time.GetUtcNow().UtcDateTime,
            Urls = [.. ResourceUrls.Of(instance)],
            Relationships =
            [
                .. resource is IResourceWithParent child ? [new RelationshipSnapshot(child.Parent.Name, "Parent")] : Array.Empty<RelationshipSnapshot>(),
                .. resource.AnnotationsOf<ResourceRelationshipAnnotation>().Select(r => new RelationshipSnapshot(r.Resource.Name, r.Type)).Distinct(),
            ],
        });
    }
}
