using System.Net.Sockets;
using LocalAspire.Hosting.ApplicationModel;
using LocalAspire.Hosting.Engine;
using LocalAspire.Hosting.Projects;
using Microsoft.Extensions.Configuration;

namespace LocalAspire.Hosting;

/// <summary>Adds programs.</summary>
public static class ProjectBuilderExtensions
{
    /// <summary>Adds a project that the AppHost references.</summary>
    public static IResourceBuilder<ProjectResource> AddProject<TProject>(this IDistributedApplicationBuilder builder, string name)
        where TProject : IProjectMetadata, new() => builder.AddProject(name, new TProject(), new());

    /// <summary>Adds a project that the AppHost references, with a profile of its launchSettings.json; null for none.</summary>
    public static IResourceBuilder<ProjectResource> AddProject<TProject>(
        this IDistributedApplicationBuilder builder, string name, string? launchProfileName) where TProject : IProjectMetadata, new() =>
        builder.AddProject(name, new TProject(), new() { LaunchProfileName = launchProfileName, ExcludeLaunchProfile = launchProfileName is null });

    /// <summary>Adds a project that the AppHost references.</summary>
    public static IResourceBuilder<ProjectResource> AddProject<TProject>(
        this IDistributedApplicationBuilder builder, string name, Action<ProjectResourceOptions> configure) where TProject : IProjectMetadata, new()
    {
        var options = new ProjectResourceOptions();
        configure(options);
        return builder.AddProject(name, new TProject(), options);
    }

    /// <summary>Adds a project by the path of its file, absolute or from the AppHost's directory; it is built when it is started.</summary>
    public static IResourceBuilder<ProjectResource> AddProject(this IDistributedApplicationBuilder builder, string name, string projectPath) =>
        builder.AddProject(name, new ProjectMetadata(Path.GetFullPath(projectPath, builder.AppHostDirectory)), new());

    /// <summary>Adds a program.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">Unique in the application.</param>
    /// <param name="command">A path, or a name that is found on PATH.</param>
    /// <param name="workingDirectory">Absolute, or from the AppHost's directory.</param>
    /// <param name="args">Its arguments.</param>
    public static IResourceBuilder<ExecutableResource> AddExecutable(
        this IDistributedApplicationBuilder builder, string name, string command, string workingDirectory, params string[]? args)
    {
        var resource = new ExecutableResource(name, command, Path.GetFullPath(workingDirectory, builder.AppHostDirectory));
        return builder.AddResource(resource).WithArgs(args ?? []).WithAnnotation(new LaunchAnnotation(async (instance, ct) => new(
            resource.Command, await ProcessEnvironment.ArgumentsAsync(instance, ct), resource.WorkingDirectory,
            await ProcessEnvironment.VariablesAsync(instance, builder.ExecutionContext, ct))));
    }

    /// <summary>Runs several processes of a project, each on a port of its own.</summary>
    public static IResourceBuilder<ProjectResource> WithReplicas(this IResourceBuilder<ProjectResource> builder, int replicas)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(replicas, 1);
        return builder.WithAnnotation(new ReplicaAnnotation(replicas), ResourceAnnotationMutationBehavior.Replace);
    }

#pragma warning disable CA1859 // It is called with generated classes as well.
    private static IResourceBuilder<ProjectResource> AddProject(
        this IDistributedApplicationBuilder builder, string name, IProjectMetadata project, ProjectResourceOptions options)
#pragma warning restore CA1859
    {
        if (!File.Exists(project.ProjectPath))
            throw new DistributedApplicationException($"The project of '{name}' does not exist: {project.ProjectPath}");
        var profile = options.ExcludeLaunchProfile ? null : LaunchProfile.Read(
            project.ProjectPath, options.LaunchProfileName, builder.Configuration["DOTNET_LAUNCH_PROFILE"]);
        var resource = builder.AddResource(new ProjectResource(name)).WithAnnotation(project).WithAnnotation(new LaunchAnnotation(
            (instance, ct) => ProjectLauncher.PrepareAsync(project, instance, builder.ExecutionContext, ct)));
        var kestrel = options.ExcludeKestrelEndpoints ? [] : KestrelEndpoints(project.ProjectPath);
        foreach (var endpoint in kestrel.Count > 0 ? kestrel : ProfileEndpoints(profile))
            resource.WithAnnotation(endpoint);
        if (profile?.CommandLineArgs is { Length: > 0 } arguments)
            resource.WithArgs(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        return resource.WithEnvironment(context =>
        {
            foreach (var (key, value) in profile?.EnvironmentVariables ?? [])
                context.EnvironmentVariables.TryAdd(key, value);
            if (profile is not null)
                context.EnvironmentVariables.TryAdd("DOTNET_LAUNCH_PROFILE", profile.Name);
            AddUrls(context, resource.Resource, kestrel.Count > 0);
        });
    }

    /// <summary>Kestrel ignores ASPNETCORE_URLS where it has endpoints in its configuration: then those are overridden one by one.</summary>
    private static void AddUrls(EnvironmentCallbackContext context, ProjectResource project, bool hasKestrelEndpoints)
    {
        var urls = project.GetEndpoints().Where(e => e.IsHttp || e.IsHttps).Select(e => (e.EndpointName, Url: ReferenceExpression.Create(
            $"{e.Scheme}://{e.EndpointAnnotation.TargetHost}:{e.Property(EndpointProperty.TargetPort)}"))).ToList();
        if (hasKestrelEndpoints)
            urls.ForEach(url => context.EnvironmentVariables[$"Kestrel__Endpoints__{url.EndpointName}__Url"] = url.Url);
        else if (urls.Count > 0)
            context.EnvironmentVariables.TryAdd("ASPNETCORE_URLS", urls.Skip(1).Aggregate(
                urls[0].Url, (all, url) => ReferenceExpression.Create($"{all};{url.Url}")));
    }

    private static List<EndpointAnnotation> KestrelEndpoints(string projectPath)
    {
        var section = new ConfigurationBuilder().SetBasePath(Path.GetDirectoryName(projectPath)!)
            .AddJsonFile("appsettings.json", optional: true).Build().GetSection("Kestrel");
        var defaultProtocols = section["EndpointDefaults:Protocols"];
        return [.. section.GetSection("Endpoints").GetChildren().Where(endpoint => endpoint["Url"] is not null)
            .Select(endpoint => HttpEndpoint(endpoint.Key, endpoint["Protocols"] ?? defaultProtocols))];
    }

    /// <summary>Of a profile's URLs those with https are left out (the engine serves plain HTTP on the loopback), and all port numbers:
    /// several applications, or replicas, run side by side.</summary>
    private static IEnumerable<EndpointAnnotation> ProfileEndpoints(LaunchProfile? profile) =>
        (profile?.ApplicationUrl ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries)
            .Where(url => url.StartsWith("http:", StringComparison.OrdinalIgnoreCase))
            .Select((_, i) => HttpEndpoint(i == 0 ? "http" : $"http{i + 1}", null));

    private static EndpointAnnotation HttpEndpoint(string name, string? protocols) =>
        new(ProtocolType.Tcp, "http", protocols == "Http2" ? "http2" : "http", name);
}
