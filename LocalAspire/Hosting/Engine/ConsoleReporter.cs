using System.Diagnostics;
using System.Globalization;
using LocalAspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace LocalAspire.Hosting.Engine;

/// <summary>Tells on the console how the resources get on: each change of state, a table when all are up, and what went wrong.</summary>
internal static class ConsoleReporter
{
    /// <summary>Reports until it is cancelled; then it just returns.</summary>
    public static async Task ReportAsync(DistributedApplication app, TextWriter output, CancellationToken cancellationToken)
    {
        var engine = app.Services.GetRequiredService<ApplicationEngine>();
        using var stopping = app.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(
            () => output.WriteLine("stopping…"));
        var shown = new Dictionary<string, string>();
        var isSettled = false;
        try
        {
            await foreach (var e in engine.Notifications.WatchAsync(cancellationToken))
            {
                var state = StateOf(e.Snapshot);
                if (e.Resource is ParameterResource || state == shown.GetValueOrDefault(e.ResourceId))
                    continue;
                if (e.Snapshot.Failure is { } failure && e.Snapshot.IsTerminal)
                    await output.WriteLineAsync($"FAILED {NameOf(engine, e)}: {failure}");
                else if (IsUp(e) || e.Snapshot.IsTerminal || shown.ContainsKey(e.ResourceId))
                    await output.WriteLineAsync($"  {NameOf(engine, e)}: {state}");
                else
                    continue; // the steps of a first start are of no interest, its outcome is
                shown[e.ResourceId] = state;
                if (!isSettled && (isSettled = IsSettled(engine)))
                    await WriteTableAsync(engine, output);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
    }

    private static bool IsSettled(ApplicationEngine engine) => engine.Notifications.Current.All(e =>
        IsUp(e) || e.Snapshot.IsTerminal || e.Resource.AnnotationsOf<ExplicitStartupAnnotation>().Any());

    private static bool IsUp(ResourceEvent e) =>
        e.Snapshot.HealthStatus == HealthStatus.Healthy || e.Snapshot.State?.Text == KnownResourceStates.Finished;

    private static async Task WriteTableAsync(ApplicationEngine engine, TextWriter output)
    {
        var rows = engine.Notifications.Current.Where(e => e.Resource is not ParameterResource)
            .Select(e => (Name: NameOf(engine, e), State: StateOf(e.Snapshot), Url: e.Snapshot.Urls.FirstOrDefault(url => !url.IsInternal)?.Url ?? ""))
            .Prepend((Name: "RESOURCE", State: "STATE", Url: "URL")).ToList();
        var (names, states) = (rows.Max(row => row.Name.Length), rows.Max(row => row.State.Length));
        await output.WriteLineAsync();
        foreach (var (name, state, url) in rows)
            await output.WriteLineAsync($"{name.PadRight(names)}  {state.PadRight(states)}  {url}".TrimEnd());
        await output.WriteLineAsync();
        var down = engine.Notifications.Current.Where(e => e.Snapshot.IsTerminal && !IsUp(e)).Select(e => NameOf(engine, e)).ToList();
        // What people sign in with; what only programs need stays in its file.
        foreach (var parameter in engine.Notifications.Current.Select(e => e.Resource).OfType<ParameterResource>()
            .Where(p => p.WasGeneratedAndKept && p.Name.EndsWith("password", StringComparison.OrdinalIgnoreCase)))
            await output.WriteLineAsync($"{parameter.Name}: {parameter.Value} (generated now, and kept)");
        if (engine.Configuration["LocalAspire:LogDirectory"] is { Length: > 0 } logs)
            await output.WriteLineAsync($"logs: {logs}");
        if (engine.DashboardUrl is { } dashboard)
            await output.WriteLineAsync($"dashboard: {dashboard}");
        await output.WriteLineAsync(down.Count > 0
            ? $"NOT READY: {string.Join(", ", down)} failed; the rest runs. The reasons are above."
            : string.Create(CultureInfo.InvariantCulture, $"ready in {Elapsed(engine).TotalSeconds:0.0} s"));
    }

    /// <summary>Since this process was started, or since the moment that whoever started it gives (in Unix milliseconds).</summary>
    private static TimeSpan Elapsed(ApplicationEngine engine)
    {
        using var process = Process.GetCurrentProcess();
        var start = engine.Configuration.GetValue<long?>("LOCALASPIRE_STARTED_AT") is { } milliseconds
            ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) : new DateTimeOffset(process.StartTime);
        return engine.Time.GetUtcNow() - start;
    }

    private static string StateOf(CustomResourceSnapshot snapshot) => snapshot.State?.Text switch
    {
        "Running" when snapshot.HealthStatus != HealthStatus.Healthy => "Running, unhealthy",
        var state => state ?? "",
    };

    private static string NameOf(ApplicationEngine engine, ResourceEvent e) =>
        engine.Instances.Count(instance => instance.Resource == e.Resource) > 1 ? e.ResourceId : e.Resource.Name;
}
