using System.Collections.Immutable;
using LocalAspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace LocalAspire.Hosting.Engine;

/// <summary>Asks a process how it is: ten times a second until it is well for the first time, then less often.</summary>
internal static class HealthMonitor
{
    private static readonly TimeSpan AtFirst = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan WhileUnhealthy = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan WhileHealthy = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Publishes the answers until it is cancelled; then it just returns.</summary>
    public static async Task WatchAsync(ResourceInstance instance, CancellationToken cancellationToken)
    {
        var probes = instance.Resource.AnnotationsOf<HealthProbeAnnotation>().ToList();
        var unhealthy = AtFirst;
        try
        {
            while (probes.Count > 0)
            {
                var reports = await Task.WhenAll(probes.Select(probe => AskAsync(instance, probe, cancellationToken)));
                if (!reports.SequenceEqual(instance.Snapshot.HealthReports))
                    await instance.PublishAsync(s => s with { HealthReports = [.. reports] });
                var isHealthy = reports.All(report => report.Status == HealthStatus.Healthy);
                unhealthy = isHealthy ? WhileUnhealthy : unhealthy;
                await Task.Delay(isHealthy ? WhileHealthy : unhealthy, instance.Engine.Time, cancellationToken);
            }
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
        finally
        {
            foreach (var probe in probes)
                if (probe.End is { } end)
                    await end();
        }
    }

    private static async Task<HealthReportSnapshot> AskAsync(
        ResourceInstance instance, HealthProbeAnnotation probe, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            var problem = await probe.Probe(instance, patience.Token);
            return new(probe.Name, problem is null ? HealthStatus.Healthy : HealthStatus.Unhealthy, problem, null);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
#pragma warning disable CA1031 // Whatever a check throws is its answer.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return new(probe.Name, HealthStatus.Unhealthy, e.Message, e.GetType().FullName);
        }
    }
}
