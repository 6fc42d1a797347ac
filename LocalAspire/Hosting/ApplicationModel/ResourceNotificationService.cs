using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace LocalAspire.Hosting.ApplicationModel;

/// <summary>Knows how every resource stands, and tells when that changes.</summary>
public sealed class ResourceNotificationService
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, ResourceEvent> _current = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<Channel<ResourceEvent>> _watchers = [];

    /// <summary>What waiting does when the resource waited for fails.</summary>
    internal WaitBehavior DefaultWaitBehavior { get; set; } = WaitBehavior.StopOnResourceUnavailable;

    /// <summary>How every resource stands now, and from then on every change.</summary>
    public async IAsyncEnumerable<ResourceEvent> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var channel = Channel.CreateUnbounded<ResourceEvent>(new() { SingleReader = true });
        lock (_lock)
        {
            foreach (var resourceEvent in _current.Values)
                channel.Writer.TryWrite(resourceEvent);
            _watchers.Add(channel);
        }
        try
        {
            await foreach (var resourceEvent in channel.Reader.ReadAllAsync(cancellationToken))
                yield return resourceEvent;
        }
        finally
        {
            lock (_lock)
                _watchers.Remove(channel);
        }
    }

    /// <summary>Waits until a resource is in a state; by default Running.</summary>
    /// <param name="resourceName">A resource's name; of several replicas the first to get there counts.</param>
    /// <param name="targetState">One of <see cref="KnownResourceStates"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task WaitForResourceAsync(string resourceName, string? targetState = null, CancellationToken cancellationToken = default) =>
        await WaitForResourceAsync(resourceName, [targetState ?? KnownResourceStates.Running], cancellationToken);

    /// <summary>Waits until a resource is in one of several states, and says in which.</summary>
    public async Task<string> WaitForResourceAsync(
        string resourceName, IEnumerable<string> targetStates, CancellationToken cancellationToken = default)
    {
        var states = targetStates.ToHashSet(StringComparer.OrdinalIgnoreCase);
        var reached = await WaitForResourceAsync(
            resourceName, e => e.Snapshot.State is { } state && states.Contains(state.Text), cancellationToken);
        return reached.Snapshot.State!.Text;
    }

    /// <summary>Waits until a resource (one replica of it) satisfies a condition.</summary>
    public async Task<ResourceEvent> WaitForResourceAsync(
        string resourceName, Func<ResourceEvent, bool> predicate, CancellationToken cancellationToken = default)
    {
        await foreach (var resourceEvent in WatchAsync(cancellationToken))
            if (resourceEvent.IsOf(resourceName) && predicate(resourceEvent))
                return resourceEvent;
        throw new OperationCanceledException(cancellationToken);
    }

    /// <summary>Waits until a resource (one replica of it) is running and healthy.</summary>
    /// <exception cref="DistributedApplicationException">The resource failed, and nobody will start it again.</exception>
    public Task<ResourceEvent> WaitForResourceHealthyAsync(string resourceName, CancellationToken cancellationToken = default) =>
        WaitForResourceHealthyAsync(resourceName, DefaultWaitBehavior, cancellationToken);

    /// <inheritdoc cref="WaitForResourceHealthyAsync(string, CancellationToken)"/>
    public async Task<ResourceEvent> WaitForResourceHealthyAsync(
        string resourceName, WaitBehavior waitBehavior, CancellationToken cancellationToken = default)
    {
        var settled = await WaitForResourceAsync(resourceName, e => IsSettled(e, waitBehavior), cancellationToken);
        return settled.Snapshot.HealthStatus == HealthStatus.Healthy ? settled
            : throw new DistributedApplicationException($"'{resourceName}' did not become healthy: {settled.WhatHappened}");
    }

    /// <summary>How one process of a resource stands.</summary>
    /// <param name="resourceId">Its id; or the resource's name, where it has one process only.</param>
    /// <param name="resourceEvent">How it stands.</param>
    public bool TryGetCurrentState(string resourceId, [NotNullWhen(true)] out ResourceEvent? resourceEvent)
    {
        lock (_lock)
        {
            if (_current.TryGetValue(resourceId, out resourceEvent))
                return true;
            var matches = _current.Values.Where(e => e.IsOf(resourceId)).Take(2).ToList();
            resourceEvent = matches is [var only] ? only : null;
            return resourceEvent is not null;
        }
    }

    /// <summary>Changes how one process of a resource stands.</summary>
    public Task PublishUpdateAsync(IResource resource, string resourceId, Func<CustomResourceSnapshot, CustomResourceSnapshot> stateFactory)
    {
        lock (_lock)
        {
            var previous = _current.TryGetValue(resourceId, out var known) ? known.Snapshot
                : new() { ResourceType = resource.GetType().Name.Replace("Resource", "", StringComparison.Ordinal), Properties = [] };
            var next = new ResourceEvent(resource, resourceId, stateFactory(previous));
            _current[resourceId] = next;
            foreach (var watcher in _watchers)
                watcher.Writer.TryWrite(next);
        }
        return Task.CompletedTask;
    }

    /// <summary>Changes how every process of a resource stands.</summary>
    public async Task PublishUpdateAsync(IResource resource, Func<CustomResourceSnapshot, CustomResourceSnapshot> stateFactory)
    {
        foreach (var resourceEvent in Current.Where(e => e.Resource == resource))
            await PublishUpdateAsync(resource, resourceEvent.ResourceId, stateFactory);
    }

    /// <summary>Forgets a process that will not come back; who watches is told once more, with <see cref="CustomResourceSnapshot.IsHidden"/>.</summary>
    internal void Remove(string resourceId)
    {
        lock (_lock)
            if (_current.Remove(resourceId, out var last))
                foreach (var watcher in _watchers)
                    watcher.Writer.TryWrite(new(last.Resource, resourceId, last.Snapshot with { IsHidden = true }));
    }

    /// <summary>Waits for everything that a resource was told to wait for.</summary>
    /// <exception cref="DistributedApplicationException">Something waited for failed; the message says what and why.</exception>
    public async Task WaitForDependenciesAsync(IResource resource, CancellationToken cancellationToken)
    {
        using var others = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var waits = from wait in resource.AnnotationsOf<WaitAnnotation>()
                    from dependency in Current.Where(e => e.Resource == wait.Resource)
                    select WaitForDependencyAsync(resource, wait, dependency.ResourceId, others.Token);
        try
        {
            await foreach (var fulfilled in Task.WhenEach(waits.ToList()))
                await fulfilled;
        }
        finally
        {
            await others.CancelAsync(); // the first that fails ends them all
        }
    }

    internal IReadOnlyList<ResourceEvent> Current
    {
        get
        {
            lock (_lock)
                return [.. _current.Values];
        }
    }

    private async Task WaitForDependencyAsync(IResource resource, WaitAnnotation wait, string dependencyId, CancellationToken cancellationToken)
    {
        Func<ResourceEvent, bool> isFulfilled = wait.WaitType switch
        {
            WaitType.WaitUntilHealthy => e => e.Snapshot.HealthStatus == HealthStatus.Healthy,
            WaitType.WaitUntilStarted => e => e.Snapshot.State?.Text == KnownResourceStates.Running,
            _ => e => e.Snapshot.IsTerminal && e.Snapshot.ExitCode == wait.ExitCode,
        };
        var mayStillCome = wait.WaitType != WaitType.WaitForCompletion && DefaultWaitBehavior == WaitBehavior.WaitOnResourceUnavailable;
        var settled = await WaitForResourceAsync(
            dependencyId, e => isFulfilled(e) || (e.Snapshot.IsTerminal && !mayStillCome), cancellationToken);
        if (!isFulfilled(settled))
            throw new DistributedApplicationException(
                $"'{resource.Name}' is not started: it waits for '{wait.Resource.Name}', which failed: {settled.WhatHappened.Split('\n')[0]}");
    }

    private static bool IsSettled(ResourceEvent resourceEvent, WaitBehavior waitBehavior) =>
        resourceEvent.Snapshot.HealthStatus == HealthStatus.Healthy
        || (waitBehavior == WaitBehavior.StopOnResourceUnavailable && resourceEvent.Snapshot.IsTerminal);
}

/// <summary>How one process of a resource stands.</summary>
/// <param name="resource">The resource.</param>
/// <param name="resourceId">The id of the process, such as <c>orders-abcdefgh</c>; the resource's name where it has no process.</param>
/// <param name="snapshot">How it stands.</param>
public sealed class ResourceEvent(IResource resource, string resourceId, CustomResourceSnapshot snapshot)
{
    /// <summary>The resource.</summary>
    public IResource Resource { get; } = resource;

    /// <summary>The id of the process, such as <c>orders-abcdefgh</c>; the resource's name where it has no process.</summary>
    public string ResourceId { get; } = resourceId;

    /// <summary>How it stands.</summary>
    public CustomResourceSnapshot Snapshot { get; } = snapshot;

    internal string WhatHappened => Snapshot.Failure ?? $"it is {Snapshot.State?.Text ?? "unknown"}"
        + (Snapshot.ExitCode is { } exitCode ? $" with exit code {exitCode}" : "") + ".";

    internal bool IsOf(string nameOrId) =>
        string.Equals(Resource.Name, nameOrId, StringComparison.OrdinalIgnoreCase)
        || string.Equals(ResourceId, nameOrId, StringComparison.OrdinalIgnoreCase);
}
