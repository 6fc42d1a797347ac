using System.Diagnostics;
using LocalAspire.Hosting.ApplicationModel;
using LocalAspire.Hosting.Engine;
using Microsoft.Extensions.Hosting;

namespace LocalAspire.Hosting.Projects;

/// <summary>Prepares the processes of projects and executables.</summary>
internal static class ProjectLauncher
{
    private static readonly SemaphoreSlim OneBuildAtATime = new(1);

    /// <summary>Starts the built program itself: no build, no MSBuild evaluation, no further process.</summary>
    public static async Task<Launch> PrepareAsync(
        IProjectMetadata project, ResourceInstance instance, DistributedApplicationExecutionContext context, CancellationToken cancellationToken)
    {
        var assembly = project.AssemblyPath ?? await BuildAsync(project.ProjectPath, cancellationToken);
        if (!File.Exists(assembly))
            throw new DistributedApplicationException($"{assembly} does not exist: build the AppHost again, which builds its projects too.");
        var arguments = await ProcessEnvironment.ArgumentsAsync(instance, cancellationToken);
        return new(
            DotnetPath, [assembly, .. arguments], Path.GetDirectoryName(project.ProjectPath)!,
            await ProcessEnvironment.VariablesAsync(instance, context, cancellationToken));
    }

    private static string DotnetPath => Environment.GetEnvironmentVariable("DOTNET_HOST_PATH")
        ?? (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath! : "dotnet");

    private static async Task<string> BuildAsync(string projectPath, CancellationToken cancellationToken)
    {
        await OneBuildAtATime.WaitAsync(cancellationToken);
        try
        {
            using var build = Process.Start(new ProcessStartInfo(DotnetPath, ["build", projectPath, "-getProperty:TargetPath", "-target:Build"])
            {
                RedirectStandardOutput = true,
            })!;
            var output = await build.StandardOutput.ReadToEndAsync(cancellationToken);
            await build.WaitForExitAsync(cancellationToken);
            return build.ExitCode == 0 ? output.Trim()
                : throw new DistributedApplicationException($"'dotnet build {projectPath}' failed:{Environment.NewLine}{output}");
        }
        finally
        {
            OneBuildAtATime.Release();
        }
    }
}
