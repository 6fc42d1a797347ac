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
    private readonly List<Forwarder> _forwarders = [];
    private readonly PortAllocator _ports = new();
    private List<ResourceInstance> _instances = [];
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

    public IReadOnlyList<ResourceInstance> Instances => _instances;

    /// <summary>Whether processes that die are started again.</summary>
    public bool Restarts { get; } = configuration.GetValue("LocalAspire:Restart", false);

    /// <summary>A directory of this run; it is removed at the end.</summary>
    public string RunDirectory { get; private set; } = "";

    public ResourceInstance InstanceOf(string id) => _instances.First(instance => instance.Id == id);

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
            _instances = [.. model.Resources.SelectMany(CreateInstances)];
            AllocateEndpoints();
            Logs.RemoveOldFiles(); // not before: until here another run may be in the way
            _dashboard = await DashboardProcess.StartAsync(this, new(model, Notifications, Logs, commands), cancellationToken);
            foreach (var instance in _instances)
                await PublishInitialAsync(instance);
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
        foreach (var instance in _instances.Where(i => !i.Resource.TryGetLastAnnotation<ExplicitStartupAnnotation>(out _)))
            await instance.StartAsync(cancellationToken);
    }

    /// <summary>Ends all processes: services first, each after those that depend on it, then the servers.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        var stops = new ConcurrentDictionary<IResource, Lazy<Task>>();
        await Task.WhenAll(_instances.Select(instance => StopAfterDependants(instance.Resource)));
        await DisposeAsync();

        Task StopAfterDependants(IResource resource) => stops.GetOrAdd(resource, _ => new(async () =>
        {
            await Task.WhenAll(_instances.Select(i => i.Resource).Distinct()
                .Where(other => other != resource && ModelValidator.StopsBefore(other, resource)).Select(StopAfterDependants));
            await Task.WhenAll(_instances.Where(i => i.Resource == resource).Select(i => i.StopAsync()));
        })).Value;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var forwarder in _forwarders)
            await forwarder.DisposeAsync();
        _forwarders.Clear();
        _instances.ForEach(instance => instance.Dispose());
        _instances = [];
        if (_dashboard is { } dashboard)
            await dashboard.DisposeAsync();
        _dashboard = null;
        if (_guard is { } guard)
            await guard.DisposeAsync();
        _guard = null;
        _dataLock?.Dispose();
        _ports.Dispose();
    }

    private IEnumerable<ResourceInstance> CreateInstances(IResource resource) =>
        resource.TryGetLastAnnotation<LaunchAnnotation>(out _)
            ? Enumerable.Range(0, resource.ReplicaCount()).Select(replica => new ResourceInstance(
                this, resource, $"{resource.Name}-{RandomNumberGenerator.GetString("abcdefghjkmnpqrstuvwxyz", 8)}", replica))
            : [new ResourceInstance(this, resource, resource.Name, 0)];

    private void AllocateEndpoints()
    {
        foreach (var resource in model.Resources.OfType<IResourceWithEndpoints>())
            foreach (var endpoint in resource.AnnotationsOf<EndpointAnnotation>())
                Allocate(resource, endpoint);
    }

    private void Allocate(IResourceWithEndpoints resource, EndpointAnnotation endpoint)
    {
        var replicas = resource.ReplicaCount();
        var fixedPort = Settings.RandomizesPorts ? null : endpoint.Port;
        var isForwarded = endpoint.IsProxied && (fixedPort is not null && fixedPort != endpoint.TargetPort || replicas > 1);
        int[] targets = [.. Enumerable.Range(0, replicas).Select(_ =>
            endpoint.TargetPort ?? (isForwarded ? null : fixedPort) ?? _ports.Next())];
        if (!isForwarded)
        {
            endpoint.Allocation = new("127.0.0.1", targets[0], targets);
            if (fixedPort is { } taken)
                Forwarder.EnsureFree(resource, endpoint, taken, Settings.PortHint);
            return;
        }
        var port = fixedPort ?? _ports.Next();
        endpoint.Allocation = new("localhost", port, targets);
        _forwarders.Add(Forwarder.Listen(resource, endpoint, port, Settings.PortHint, () => LiveTargets(resource, endpoint)));
    }

    /// <summary>The ports of the healthy replicas; of all that run, where none is healthy.</summary>
    private List<int> LiveTargets(IResource resource, EndpointAnnotation endpoint) =>
        [.. _instances.Where(i => i.Resource == resource && i.Snapshot.HealthStatus is not null)
            .GroupBy(i => i.Snapshot.HealthStatus).OrderByDescending(group => group.Key).Take(1)
            .SelectMany(group => group).Select(i => endpoint.Allocation!.TargetPorts[i.Replica])];

    private Task PublishInitialAsync(ResourceInstance instance)
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
