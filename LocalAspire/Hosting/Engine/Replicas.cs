using System.Collections.Immutable;
using System.Security.Cryptography;
using LocalAspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace LocalAspire.Hosting.Engine;

/// <summary>All processes of an application and their ports; of projects there can be more or fewer while it runs.</summary>
internal sealed class Replicas(ApplicationEngine engine, DistributedApplicationModel model) : IAsyncDisposable
{
    /// <summary>So long after the last one was told, nobody begins to call a replica that goes.</summary>
    private static readonly TimeSpan UntilNobodyCalls = TimeSpan.FromSeconds(5);

    private readonly List<Forwarder> _forwarders = [];
    private readonly SemaphoreSlim _scaling = new(1);
    private readonly CancellationTokenSource _ending = new();
    private ServiceFile? _file;

    /// <summary>In the order of the model.</summary>
    public ImmutableList<ResourceInstance> All { get; private set; } = [];

    /// <summary>The file that tells where the replicas of each service are.</summary>
    public string ServiceFile => _file!.Path;

    /// <summary>Chooses ports.</summary>
    public void Create()
    {
        All = [.. model.Resources.SelectMany(CreateInstances)];
        foreach (var resource in model.Resources.OfType<IResourceWithEndpoints>())
            foreach (var endpoint in resource.AnnotationsOf<EndpointAnnotation>())
                Allocate(resource, endpoint);
        _file = new(model, Path.Combine(engine.RunDirectory, "services"));
        _file.Write(All);
    }

    /// <summary>Whether there can be more or fewer processes of a resource: a port that is fixed can have only one.</summary>
    public static bool CanScale(IResource resource) => resource is ProjectResource
        && resource.AnnotationsOf<EndpointAnnotation>().All(endpoint => endpoint.TargetPort is null && (endpoint.IsProxied || endpoint.Port is null));

    /// <summary>Starts one more process of a resource. Others are told of it when it is healthy.</summary>
    public async Task AddAsync(IResource resource, CancellationToken cancellationToken)
    {
        await _scaling.WaitAsync(cancellationToken);
        try
        {
            _ending.Token.ThrowIfCancellationRequested();
            foreach (var endpoint in resource.AnnotationsOf<EndpointAnnotation>())
                endpoint.Allocation = endpoint.Allocation! with { TargetPorts = [.. endpoint.Allocation.TargetPorts, engine.Ports.Next()] };
            var instance = Create(resource, Of(resource).Count());
            await engine.PublishInitialAsync(instance);
            All = All.Insert(All.FindLastIndex(other => other.Resource == resource) + 1, instance);
            await RefreshAsync(resource);
            _ = TellWhenHealthyAsync(instance);
            await instance.StartAsync(cancellationToken);
        }
        finally
        {
            _scaling.Release();
        }
    }

    /// <summary>Ends the newest process of a resource, after all others were told that it goes: what it has begun it finishes.</summary>
    /// <exception cref="DistributedApplicationException">It is the only one.</exception>
    public async Task RemoveAsync(IResource resource, CancellationToken cancellationToken)
    {
        await _scaling.WaitAsync(cancellationToken);
        try
        {
            if (Of(resource).Skip(1).LastOrDefault() is not { } instance)
                throw new DistributedApplicationException($"'{resource.Name}' has no more than one replica.");
            if (!Of(resource).Any(other => other != instance && other.Snapshot.State?.Text == KnownResourceStates.Running))
                throw new DistributedApplicationException($"No other replica of '{resource.Name}' runs. Start one first.");
            All = All.Remove(instance);
            _file!.Write(All);
            await instance.PublishAsync(s => s with { State = KnownResourceStates.Stopping });
            await RefreshAsync(resource);
            await Task.Delay(UntilNobodyCalls, engine.Time, _ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await instance.StopAsync();
            foreach (var endpoint in resource.AnnotationsOf<EndpointAnnotation>())
                endpoint.Allocation = endpoint.Allocation! with { TargetPorts = [.. endpoint.Allocation.TargetPorts.SkipLast(1)] };
            engine.Notifications.Remove(instance.Id);
            instance.Dispose();
        }
        finally
        {
            _scaling.Release();
        }
    }

    /// <summary>From now on nothing is added or removed; what goes has gone.</summary>
    public async Task EndScalingAsync()
    {
        await _ending.CancelAsync();
        await _scaling.WaitAsync();
        _scaling.Release();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var forwarder in _forwarders)
            await forwarder.DisposeAsync();
        _forwarders.Clear();
        All.ForEach(instance => instance.Dispose());
        All = [];
    }

    private IEnumerable<ResourceInstance> Of(IResource resource) => All.Where(instance => instance.Resource == resource);

    private IEnumerable<ResourceInstance> CreateInstances(IResource resource)
    {
        var instances = resource.TryGetLastAnnotation<LaunchAnnotation>(out _)
            ? Enumerable.Range(0, resource.ReplicaCount()).Select(replica => Create(resource, replica))
            : [new ResourceInstance(engine, resource, resource.Name, 0)];
        foreach (var instance in instances)
        {
            instance.IsTold = true; // from the start, so that whoever starts earlier knows where it will be
            yield return instance;
        }
    }

    private ResourceInstance Create(IResource resource, int replica) =>
        new(engine, resource, $"{resource.Name}-{RandomNumberGenerator.GetString("abcdefghjkmnpqrstuvwxyz", 8)}", replica);

    private void Allocate(IResourceWithEndpoints resource, EndpointAnnotation endpoint)
    {
        var replicas = resource.ReplicaCount();
        var fixedPort = engine.Settings.RandomizesPorts ? null : endpoint.Port;
        var isForwarded = endpoint.IsProxied && (fixedPort is not null && fixedPort != endpoint.TargetPort || replicas > 1);
        int[] targets = [.. Enumerable.Range(0, replicas).Select(_ =>
            endpoint.TargetPort ?? (isForwarded ? null : fixedPort) ?? engine.Ports.Next())];
        if (!isForwarded)
        {
            endpoint.Allocation = new("127.0.0.1", targets[0], targets);
            if (fixedPort is { } taken)
                Forwarder.EnsureFree(resource, endpoint, taken, engine.Settings.PortHint);
            return;
        }
        var port = fixedPort ?? engine.Ports.Next();
        endpoint.Allocation = new("localhost", port, targets);
        _forwarders.Add(Forwarder.Listen(resource, endpoint, port, engine.Settings.PortHint, () => LiveTargets(resource, endpoint)));
    }

    /// <summary>The ports of the healthy replicas; of all that run, where none is healthy.</summary>
    private List<int> LiveTargets(IResource resource, EndpointAnnotation endpoint) =>
        [.. Of(resource).Where(i => i.Snapshot.HealthStatus is not null)
            .GroupBy(i => i.Snapshot.HealthStatus).OrderByDescending(group => group.Key).Take(1)
            .SelectMany(group => group).Select(i => endpoint.Allocation!.TargetPorts[i.Replica])];

    private async Task TellWhenHealthyAsync(ResourceInstance instance)
    {
        try
        {
            await engine.Notifications.WaitForResourceAsync(instance.Id, e => e.Snapshot.HealthStatus == HealthStatus.Healthy || e.Snapshot.IsHidden, _ending.Token);
            await _scaling.WaitAsync(_ending.Token);
            try
            {
                instance.IsTold = true;
                _file!.Write(All);
            }
            finally
            {
                _scaling.Release();
            }
        }
        catch (OperationCanceledException) when (_ending.IsCancellationRequested)
        {
            // The end of all.
        }
    }

    /// <summary>What they can be told to do depends on how many they are.</summary>
    private Task RefreshAsync(IResource resource) => Task.WhenAll(Of(resource).Select(instance => instance.PublishAsync(s => s)));
}
