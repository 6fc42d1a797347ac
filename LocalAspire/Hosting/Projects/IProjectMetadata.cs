using LocalAspire.Hosting.ApplicationModel;

namespace LocalAspire.Hosting;

/// <summary>Where a project is; a class that implements it is generated for each project that the AppHost references.</summary>
public interface IProjectMetadata : IResourceAnnotation
{
    /// <summary>The full path of the project file.</summary>
    string ProjectPath { get; }

    /// <summary>The full path of the built program; null where it is to be built when it is started.</summary>
    string? AssemblyPath => null;
}

internal sealed record ProjectMetadata(string ProjectPath) : IProjectMetadata;

/// <summary>How a project is added.</summary>
public sealed class ProjectResourceOptions
{
    /// <summary>The profile of launchSettings.json; by default the AppHost's own where the project has one so named, else the first.</summary>
    public string? LaunchProfileName { get; set; }

    /// <summary>Whether launchSettings.json is ignored.</summary>
    public bool ExcludeLaunchProfile { get; set; }

    /// <summary>Whether <c>Kestrel:Endpoints</c> in appsettings.json is ignored.</summary>
    public bool ExcludeKestrelEndpoints { get; set; }
}
