using System.Runtime.InteropServices;
using LocalAspire.Hosting.ApplicationModel;
using LocalAspire.Hosting.Engine;
using LocalAspire.Hosting.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace LocalAspire.Hosting;

/// <summary>An application of several processes, run on this machine.</summary>
public sealed class DistributedApplication : IHost, IAsyncDisposable
{
    private readonly IHost _host;

    internal DistributedApplication(IHost host) => _host = host;

    /// <summary>The services of the AppHost itself.</summary>
    public IServiceProvider Services => _host.Services;

    /// <summary>How the resources stand.</summary>
    public ResourceNotificationService ResourceNotifications => Services.GetRequiredService<ResourceNotificationService>();

    /// <summary>Gives commands to resources.</summary>
    public ResourceCommandService ResourceCommands => Services.GetRequiredService<ResourceCommandService>();

    /// <summary>Begins to build an application.</summary>
    public static IDistributedApplicationBuilder CreateBuilder() => CreateBuilder([]);

    /// <summary>Begins to build an application.</summary>
    /// <param name="args">The command line; <c>--KEY VALUE</c> becomes configuration.</param>
    public static IDistributedApplicationBuilder CreateBuilder(string[] args) => CreateBuilder(new DistributedApplicationOptions { Args = args });

    /// <summary>Begins to build an application.</summary>
    public static IDistributedApplicationBuilder CreateBuilder(DistributedApplicationOptions options) =>
        EntryPoint.Current?.CreateBuilder(options) ?? new DistributedApplicationBuilder(options);

    /// <summary>Runs the application until it is told to stop, by Ctrl+C or a signal.</summary>
    public void Run() => RunAsync().GetAwaiter().GetResult();

    /// <summary>Runs the application until it is told to stop, by Ctrl+C or a signal. What goes wrong is written to the console.</summary>
    public async Task RunAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            if (Services.GetRequiredService<IConfiguration>()["operation"] is { } operation)
                await Operate(operation);
            else
                await RunUntilToldAsync(cancellationToken);
        }
        catch (DistributedApplicationException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            Environment.ExitCode = 1;
        }
        finally
        {
            await DisposeAsync();
        }
    }

    /// <summary>Begins to start all resources. Wait for them by <see cref="ResourceNotifications"/>.</summary>
    /// <exception cref="DistributedApplicationException">The application as a whole cannot be started.</exception>
    public Task StartAsync(CancellationToken cancellationToken = default) => _host.StartAsync(cancellationToken);

    /// <summary>Ends all resources, and waits until they have ended.</summary>
    public Task StopAsync(CancellationToken cancellationToken = default) => _host.StopAsync(cancellationToken);

    /// <summary>Ends what still runs.</summary>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    /// <summary>Ends what still runs.</summary>
    public async ValueTask DisposeAsync()
    {
        await Services.GetRequiredService<ApplicationEngine>().StopAsync(CancellationToken.None);
        if (_host is IAsyncDisposable host)
            await host.DisposeAsync();
    }

    private async Task RunUntilToldAsync(CancellationToken cancellationToken)
    {
        var lifetime = Services.GetRequiredService<IHostApplicationLifetime>();
        using var hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true;
            lifetime.StopApplication();
        });
        using var reporting = new CancellationTokenSource();
        await StartAsync(cancellationToken);
        var report = ConsoleReporter.ReportAsync(this, Console.Out, reporting.Token);
        try
        {
            await _host.WaitForShutdownAsync(cancellationToken);
        }
        finally
        {
            await reporting.CancelAsync();
            await report;
        }
        await Console.Out.WriteLineAsync("stopped");
    }

    private async Task Operate(string operation)
    {
        var settings = Services.GetRequiredService<EngineSettings>();
        await Console.Out.WriteLineAsync(operation switch
        {
            "reset" => DataDirectory.Reset(settings),
            "publish" => throw new DistributedApplicationException("The local engine does not publish: build with -p:AspireEngine=aspire."),
            _ => throw new DistributedApplicationException($"Unknown operation '{operation}': there are 'reset' and 'publish'."),
        });
    }
}
