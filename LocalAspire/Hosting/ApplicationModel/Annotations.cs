using LocalAspire.Hosting.Engine;

namespace LocalAspire.Hosting.ApplicationModel;

/// <summary>How many processes a project runs.</summary>
internal sealed record ReplicaAnnotation(int Replicas) : IResourceAnnotation;

/// <summary>The resource starts only when it is told to.</summary>
public sealed class ExplicitStartupAnnotation : IResourceAnnotation;

/// <summary>What a resource waits for before it starts.</summary>
/// <param name="resource">The other resource.</param>
/// <param name="waitType">What is waited for.</param>
/// <param name="exitCode">The exit code expected of a resource that is to complete.</param>
public sealed class WaitAnnotation(IResource resource, WaitType waitType, int exitCode = 0) : IResourceAnnotation
{
    /// <summary>The other resource.</summary>
    public IResource Resource { get; } = resource;

    /// <summary>What is waited for.</summary>
    public WaitType WaitType { get; } = waitType;

    /// <summary>The exit code expected of a resource that is to complete.</summary>
    public int ExitCode { get; } = exitCode;
}

/// <summary>What is waited for.</summary>
public enum WaitType
{
    /// <summary>Running and healthy.</summary>
    WaitUntilHealthy,
    /// <summary>Ended with the expected exit code.</summary>
    WaitForCompletion,
    /// <summary>Running.</summary>
    WaitUntilStarted,
}

/// <summary>What to do when the resource waited for fails.</summary>
public enum WaitBehavior
{
    /// <summary>Wait on: it may be started again.</summary>
    WaitOnResourceUnavailable,
    /// <summary>Give up.</summary>
    StopOnResourceUnavailable,
}

/// <summary>A link to another resource, for display.</summary>
/// <param name="Resource">The other resource.</param>
/// <param name="Type"><c>Reference</c>, <c>WaitFor</c> or <c>Parent</c>.</param>
public sealed record ResourceRelationshipAnnotation(IResource Resource, string Type) : IResourceAnnotation;

/// <summary>Sets environment variables of a process that is about to start.</summary>
/// <param name="Callback">Called for each process.</param>
public sealed record EnvironmentCallbackAnnotation(Func<EnvironmentCallbackContext, Task> Callback) : IResourceAnnotation;

/// <summary>Sets command line arguments of a process that is about to start.</summary>
/// <param name="Callback">Called for each process.</param>
public sealed record CommandLineArgsCallbackAnnotation(Func<CommandLineArgsCallbackContext, Task> Callback) : IResourceAnnotation;

/// <summary>What a callback that sets environment variables is given.</summary>
/// <param name="executionContext">What the application was started for.</param>
/// <param name="resource">The resource whose process is about to start.</param>
/// <param name="environmentVariables">The variables so far.</param>
/// <param name="cancellationToken">Ends the start.</param>
public sealed class EnvironmentCallbackContext(
    DistributedApplicationExecutionContext executionContext, IResource resource,
    Dictionary<string, object>? environmentVariables = null, CancellationToken cancellationToken = default)
{
    /// <summary>Values are texts, <see cref="IValueProvider"/> or anything with a text.</summary>
    public Dictionary<string, object> EnvironmentVariables { get; } = environmentVariables ?? [];

    /// <summary>The resource whose process is about to start.</summary>
    public IResource Resource { get; } = resource;

    /// <summary>What the application was started for.</summary>
    public DistributedApplicationExecutionContext ExecutionContext { get; } = executionContext;

    /// <summary>Ends the start.</summary>
    public CancellationToken CancellationToken { get; } = cancellationToken;
}

/// <summary>What a callback that sets arguments is given.</summary>
/// <param name="args">The arguments so far: texts or <see cref="IValueProvider"/>.</param>
/// <param name="cancellationToken">Ends the start.</param>
public sealed class CommandLineArgsCallbackContext(IList<object> args, CancellationToken cancellationToken = default)
{
    /// <summary>The arguments so far: texts or <see cref="IValueProvider"/>.</summary>
    public IList<object> Args { get; } = args;

    /// <summary>Ends the start.</summary>
    public CancellationToken CancellationToken { get; } = cancellationToken;
}

/// <summary>A URL shown for a resource.</summary>
public sealed class ResourceUrlAnnotation : IResourceAnnotation
{
    /// <summary>Absolute, or relative to the endpoint's URL.</summary>
    public required string Url { get; set; }

    /// <summary>Shown in place of the URL.</summary>
    public string? DisplayText { get; set; }

    /// <summary>The endpoint that the URL belongs to.</summary>
    public EndpointReference? Endpoint { get; init; }

    /// <summary>Higher comes first.</summary>
    public int? DisplayOrder { get; set; }
}

/// <summary>Changes the URL shown for an endpoint.</summary>
internal sealed record UrlCallbackAnnotation(string EndpointName, Action<ResourceUrlAnnotation> Callback) : IResourceAnnotation;

/// <summary>A question put to each process of a resource again and again; it throws, or answers with what is wrong, or null.</summary>
internal sealed record HealthProbeAnnotation(string Name, Func<ResourceInstance, CancellationToken, Task<string?>> Probe) : IResourceAnnotation
{
    /// <summary>Lets go of what it holds to ask with, before the process is told to end.</summary>
    public Func<ValueTask>? End { get; init; }
}

/// <summary>How the engine starts a process of the resource; and a check that what it needs is installed, made before anything starts.</summary>
internal sealed record LaunchAnnotation(
    Func<ResourceInstance, CancellationToken, Task<Launch>> Prepare, Stage Stage = Stage.Services, Action? EnsureInstalled = null)
    : IResourceAnnotation;

/// <summary>What the engine does to start a resource that has no process of its own.</summary>
internal sealed record StartAnnotation(Func<ResourceInstance, CancellationToken, Task> Start) : IResourceAnnotation;

/// <summary>The resource uses a service outside the application.</summary>
internal sealed record ExternalServiceAnnotation(string Name, Uri Uri) : IResourceAnnotation;

/// <summary>The data of the resource are kept from run to run.</summary>
internal sealed record DataVolumeAnnotation(string? Name) : IResourceAnnotation;
