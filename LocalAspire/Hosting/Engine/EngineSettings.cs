using System.Reflection;
using Microsoft.Extensions.Configuration;

namespace LocalAspire.Hosting.Engine;

/// <summary>What the engine is told beside the model.</summary>
internal sealed class EngineSettings(IConfiguration configuration, string appHostDirectory, Assembly? appHostAssembly, bool isTest)
{
    /// <summary>The AppHost's program, which knows where its dashboard is.</summary>
    public Assembly? AppHostAssembly { get; } = appHostAssembly;

    /// <summary>Where this AppHost keeps data and parameters; null where it keeps nothing, as in tests.</summary>
    public string? DataDirectory { get; } = configuration["LocalAspire:DataRoot"] is { Length: > 0 } root
        ? Engine.DataDirectory.Of(appHostDirectory, root)
        : isTest ? null : Engine.DataDirectory.Of(appHostDirectory, Engine.DataDirectory.DefaultRoot);

    /// <summary>Whether the dashboard is started with the run; in tests it is not.</summary>
    public bool HasDashboard => configuration.GetValue("LocalAspire:Dashboard", !isTest);

    /// <summary>The dashboard's port; a free one where it is taken.</summary>
    public int DashboardPort => configuration.GetValue("LocalAspire:DashboardPort", 18888);

    /// <summary>Whether fixed public ports are replaced by free ones.</summary>
    public bool RandomizesPorts => configuration.GetValue("LocalAspire:RandomizePorts", isTest);

    /// <summary>How to go on when a port is taken.</summary>
    public string PortHint => configuration["LocalAspire:PortHint"] ?? "End that process, or give the endpoint another port.";

    /// <summary>How to go on when the data are in use.</summary>
    public string DataHint => configuration["LocalAspire:DataHint"] ?? "Stop it first, or run this one without WithDataVolume.";
}
