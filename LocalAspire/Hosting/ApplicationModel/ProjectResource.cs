namespace LocalAspire.Hosting.ApplicationModel;

/// <summary>A .NET project, run as one process a replica.</summary>
/// <param name="name">Unique in the application.</param>
public sealed class ProjectResource(string name)
    : Resource(name), IResourceWithEnvironment, IResourceWithArgs, IResourceWithServiceDiscovery, IResourceWithWaitSupport;

/// <summary>A program, run as one process.</summary>
/// <param name="name">Unique in the application.</param>
/// <param name="command">A path, or a name that is found on PATH.</param>
/// <param name="workingDirectory">The directory in which it runs.</param>
public sealed class ExecutableResource(string name, string command, string workingDirectory)
    : Resource(name), IResourceWithEnvironment, IResourceWithArgs, IResourceWithServiceDiscovery, IResourceWithWaitSupport
{
    /// <summary>A path, or a name that is found on PATH.</summary>
    public string Command { get; } = command;

    /// <summary>The directory in which it runs.</summary>
    public string WorkingDirectory { get; } = workingDirectory;
}
