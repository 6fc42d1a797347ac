using System.Reflection;
using LocalAspire.Hosting.ApplicationModel;
using LocalAspire.Hosting.Engine;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LocalAspire.Hosting;

internal class DistributedApplicationBuilder : IDistributedApplicationBuilder
{
    private readonly HostApplicationBuilder _host;
    private readonly ResourceCollection _resources = [];

    public DistributedApplicationBuilder(DistributedApplicationOptions options, bool isTest = false)
    {
        AppHostAssembly = options.AssemblyName is { } name ? Assembly.Load(name) : Assembly.GetEntryAssembly();
        AppHostDirectory = options.ProjectDirectory
            ?? AppHostAssembly?.GetCustomAttributes<AssemblyMetadataAttribute>()
                .FirstOrDefault(attribute => attribute.Key == "apphostprojectpath")?.Value
            ?? Directory.GetCurrentDirectory();
        _host = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings
        {
            Args = options.Args, ContentRootPath = AppHostDirectory, ApplicationName = AppHostAssembly?.GetName().Name,
            EnvironmentName = isTest ? Environments.Development : null,
        });
        _host.Logging.SetMinimumLevel(LogLevel.Warning);
        // Why a start failed is in the exception, which RunAsync shows to the user, and a test to its author.
        _host.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        Settings = new(_host.Configuration, AppHostDirectory, AppHostAssembly, isTest);
        ParameterStore = Settings.DataDirectory is { } directory ? new(directory) : null;
        ExecutionContext = new(_host.Configuration["operation"] == "publish"
            ? DistributedApplicationOperation.Publish : DistributedApplicationOperation.Run);
    }

    public EngineSettings Settings { get; }

    /// <summary>Where generated values are kept; null where nothing is kept.</summary>
    public ParameterStore? ParameterStore { get; }

    public ConfigurationManager Configuration => _host.Configuration;

    public string AppHostDirectory { get; }

    public Assembly? AppHostAssembly { get; }

    public IHostEnvironment Environment => _host.Environment;

    public IServiceCollection Services => _host.Services;

    public DistributedApplicationExecutionContext ExecutionContext { get; }

    public IResourceCollection Resources => _resources;

    public IResourceBuilder<T> AddResource<T>(T resource) where T : IResource
    {
        ModelName.Validate("Resource", resource.Name);
        if (_resources.FirstOrDefault(other => string.Equals(other.Name, resource.Name, StringComparison.OrdinalIgnoreCase)) is { } existing)
            throw new DistributedApplicationException(
                $"Cannot add resource of type '{resource.GetType().Name}' with name '{resource.Name}': "
                + $"there is a resource of type '{existing.GetType().Name}' with that name already (case does not count).");
        _resources.Add(resource);
        return CreateResourceBuilder(resource);
    }

    public IResourceBuilder<T> CreateResourceBuilder<T>(T resource) where T : IResource => new ResourceBuilder<T>(this, resource);

    public virtual DistributedApplication Build()
    {
        var services = _host.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.AddHttpClient();
        services.AddSingleton(Settings);
        services.AddSingleton(ExecutionContext);
        services.AddSingleton(new DistributedApplicationModel(_resources));
        services.AddSingleton<ResourceNotificationService>();
        services.AddSingleton<ResourceLoggerService>();
        services.AddSingleton(provider => new ResourceCommandService(
            provider.GetRequiredService<ResourceNotificationService>(), provider.GetRequiredService<ResourceLoggerService>(), provider));
        services.AddSingleton<ApplicationEngine>();
        services.AddHostedService(provider => provider.GetRequiredService<ApplicationEngine>());
        services.Configure<ConsoleLifetimeOptions>(options => options.SuppressStatusMessages = true);
        // Services may finish what they do, and servers write their data down: that has its own limits.
        services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromMinutes(5));
        return new(_host.Build());
    }
}
