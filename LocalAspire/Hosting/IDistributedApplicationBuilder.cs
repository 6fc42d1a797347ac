using System.Reflection;
using LocalAspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace LocalAspire.Hosting;

/// <summary>Builds an application out of resources.</summary>
public interface IDistributedApplicationBuilder
{
    /// <summary>Settings of the AppHost: appsettings.json, environment, command line.</summary>
    ConfigurationManager Configuration { get; }

    /// <summary>The directory of the AppHost's project.</summary>
    string AppHostDirectory { get; }

    /// <summary>The AppHost's assembly.</summary>
    Assembly? AppHostAssembly { get; }

    /// <summary>The environment, such as Development.</summary>
    IHostEnvironment Environment { get; }

    /// <summary>The services of the AppHost itself.</summary>
    IServiceCollection Services { get; }

    /// <summary>What the application was started for.</summary>
    DistributedApplicationExecutionContext ExecutionContext { get; }

    /// <summary>The resources added so far.</summary>
    IResourceCollection Resources { get; }

    /// <summary>Adds a resource.</summary>
    /// <exception cref="DistributedApplicationException">There is one of that name already.</exception>
    IResourceBuilder<T> AddResource<T>(T resource) where T : IResource;

    /// <summary>Makes a builder for a resource without adding it.</summary>
    IResourceBuilder<T> CreateResourceBuilder<T>(T resource) where T : IResource;

    /// <summary>Finishes the model.</summary>
    DistributedApplication Build();
}

/// <summary>What the application was started for.</summary>
/// <param name="operation">To run or to publish.</param>
public sealed class DistributedApplicationExecutionContext(DistributedApplicationOperation operation)
{
    /// <summary>To run or to publish.</summary>
    public DistributedApplicationOperation Operation { get; } = operation;

    /// <summary>Whether it is to run.</summary>
    public bool IsRunMode => Operation == DistributedApplicationOperation.Run;

    /// <summary>Whether it is to be published, which this engine cannot do.</summary>
    public bool IsPublishMode => Operation == DistributedApplicationOperation.Publish;
}

/// <summary>What an application can be started for.</summary>
public enum DistributedApplicationOperation
{
    /// <summary>To run.</summary>
    Run,
    /// <summary>To be published.</summary>
    Publish,
}

/// <summary>How an application is built.</summary>
public sealed class DistributedApplicationOptions
{
    /// <summary>The command line.</summary>
    public string[]? Args { get; set; }

    /// <summary>The name of the AppHost's assembly; by default that of the program.</summary>
    public string? AssemblyName { get; set; }

    /// <summary>The directory of the AppHost's project; by default the one that the assembly was built from.</summary>
    public string? ProjectDirectory { get; set; }

    /// <summary>Whether to do without a dashboard.</summary>
    public bool DisableDashboard { get; set; }
}

/// <summary>The application cannot be built, started or run; the message says why and what to do.</summary>
public class DistributedApplicationException : Exception
{
    /// <inheritdoc/>
    public DistributedApplicationException() { }

    /// <inheritdoc/>
    public DistributedApplicationException(string message) : base(message) { }

    /// <inheritdoc/>
    public DistributedApplicationException(string message, Exception innerException) : base(message, innerException) { }
}
