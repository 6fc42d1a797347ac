using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;

namespace LocalAspire.Hosting.Engine;

/// <summary>
/// The dashboard, a process of its own beside the application: started with the run, started again when it dies, and ended with it. It
/// is told three secrets that are made for this run: what people log in with, what programs must send with their telemetry, and what it must
/// send itself to be told of the resources.
/// </summary>
internal sealed class DashboardProcess : IAsyncDisposable
{
    private const string Name = "dashboard";

    private readonly ApplicationEngine _engine;
    private readonly string _program;
    private readonly string _token = RandomNumberGenerator.GetHexString(32, lowercase: true);
    private readonly string _key = RandomNumberGenerator.GetHexString(32, lowercase: true);
    private readonly string _resourceKey = RandomNumberGenerator.GetHexString(32, lowercase: true);
    private readonly int _port;
    private readonly int _grpcPort;
    private readonly int _httpPort;
    private readonly int _resourcePort;
    private readonly CancellationTokenSource _stop = new();
    private WebApplication? _resources;
    private Task _supervision = Task.CompletedTask;

    private DashboardProcess(ApplicationEngine engine, string program)
    {
        (_engine, _program) = (engine, program);
        _port = FreeOr(engine.Settings.DashboardPort);
        _grpcPort = engine.Ports.Next();
        _httpPort = engine.Ports.Next();
        _resourcePort = engine.Ports.Next();
    }

    /// <summary>Where people log in.</summary>
    public string LoginUrl => $"{Url(_port)}/login?t={_token}";

    /// <summary>Starts it, where it is wanted and was built with the AppHost; every program of the run is told to send its telemetry there.</summary>
    public static async Task<DashboardProcess?> StartAsync(ApplicationEngine engine, ResourceServer resources, CancellationToken cancellationToken)
    {
        var program = engine.Settings.AppHostAssembly?.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(attribute => attribute.Key == "localaspiredashboard")?.Value;
        if (!engine.Settings.HasDashboard || program is null || !File.Exists(program))
            return null;

        var dashboard = new DashboardProcess(engine, program);
        engine.Configuration["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"] = Url(dashboard._grpcPort);
        engine.Configuration["AppHost:OtlpApiKey"] = dashboard._key;
        dashboard._resources = await resources.ListenAsync(dashboard._resourcePort, dashboard._resourceKey, cancellationToken);
        dashboard._supervision = Task.Run(dashboard.SuperviseAsync, CancellationToken.None);
        return dashboard;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _supervision;
        if (_resources is { } resources)
            await resources.DisposeAsync();
        _stop.Dispose();
    }

    private async Task SuperviseAsync()
    {
        var log = _engine.Logs.LogOf(Name);
        var launch = new Launch("dotnet", [_program], Path.GetDirectoryName(_program)!, new Dictionary<string, string>
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Production",
            ["Dashboard__Url"] = Url(_port),
            ["Dashboard__OtlpGrpcUrl"] = Url(_grpcPort),
            ["Dashboard__OtlpHttpUrl"] = Url(_httpPort),
            ["Dashboard__BrowserToken"] = _token,
            ["Dashboard__ApiKey"] = _key,
            ["Dashboard__ResourceServiceUrl"] = Url(_resourcePort),
            ["Dashboard__ResourceServiceApiKey"] = _resourceKey,
        })
        { StopTimeout = TimeSpan.FromSeconds(5) };
        while (!_stop.IsCancellationRequested)
        {
            using var process = _engine.Spawn(launch, Stage.Servers, log);
            await Task.WhenAny(process.Exited, Task.Delay(Timeout.Infinite, _stop.Token));
            if (_stop.IsCancellationRequested)
            {
                await process.StopAsync();
                return;
            }

            // What it has kept is gone; what comes from now on is shown again.
            await Task.Delay(TimeSpan.FromSeconds(1), _engine.Time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private int FreeOr(int wanted)
    {
        if (PortAllocator.TryListen(wanted) is not { } probe)
            return _engine.Ports.Next();
        probe.Dispose();
        return wanted;
    }

    private static string Url(int port) => string.Create(CultureInfo.InvariantCulture, $"http://localhost:{port}");
}
