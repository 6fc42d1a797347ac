using System.Collections.Concurrent;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Shop.Bench;

/// <summary>The whole shop, started for one run on throw-away data and free ports, and ended with it.</summary>
internal sealed class BenchedShop : IAsyncDisposable
{
    /// <summary>So that nothing but the shop itself limits the load.</summary>
    private const string Unlimited = "1000000";

    private readonly ConcurrentDictionary<string, ResourceEvent> _resources = new();
    private readonly CancellationTokenSource _watching = new();
    private readonly Task _watch;

    private BenchedShop(DistributedApplication app)
    {
        App = app;
        _watch = WatchAsync();
    }

    public DistributedApplication App { get; }

    /// <summary>Every process that runs now, by the id of its resource: one a replica.</summary>
    public IReadOnlyList<ShopProcess> Processes =>
        [.. _resources.Values.Select(ShopProcess.From).OfType<ShopProcess>().OrderBy(process => process.ResourceId, StringComparer.Ordinal)];

    /// <summary>Starts the shop and waits until its gateway can serve.</summary>
    /// <param name="settings">Further configuration for the AppHost.</param>
    /// <param name="environment">Environment variables of Orders.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    public static Task<BenchedShop> StartAsync(
        string[] settings, IReadOnlyDictionary<string, string> environment, CancellationToken cancellationToken) =>
        StartAsync(settings, "orders", environment, cancellationToken);

    /// <summary>The same, with environment variables for a service of choice.</summary>
    public static async Task<BenchedShop> StartAsync(
        string[] settings, string service, IReadOnlyDictionary<string, string> environment, CancellationToken cancellationToken)
    {
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.Shop_AppHost>(
            [
                "--Data:Ephemeral=true",
                $"--RateLimits:RequestsPerSecond={Unlimited}",
                $"--RateLimits:OrdersPerMinute={Unlimited}",
                $"--RateLimits:SignInsPerMinute={Unlimited}",
                $"--Parameters:admin-password={ShopClient.AdminPassword}",
                .. settings,
            ],
            cancellationToken);
        var project = builder.CreateResourceBuilder(builder.Resources.OfType<ProjectResource>().Single(project => project.Name == service));
        foreach (var (name, value) in environment)
            project.WithEnvironment(name, value);

        var shop = new BenchedShop(await builder.BuildAsync(cancellationToken));
        try
        {
            await shop.App.StartAsync(cancellationToken);
            await shop.App.ResourceNotifications.WaitForResourceHealthyAsync("gateway", cancellationToken);
            return shop;
        }
        catch
        {
            await shop.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _watching.CancelAsync();
        await _watch;
        _watching.Dispose();
        await App.DisposeAsync();
    }

    private async Task WatchAsync()
    {
        try
        {
            await foreach (var resource in App.ResourceNotifications.WatchAsync(_watching.Token))
                _resources[resource.ResourceId] = resource;
        }
        catch (OperationCanceledException) when (_watching.IsCancellationRequested)
        {
            // The run is over.
        }
    }
}

/// <summary>A process of the shop.</summary>
/// <param name="Resource">The resource's name, such as <c>orders</c>.</param>
/// <param name="ResourceId">Of the replica, such as <c>orders-abcdefgh</c>.</param>
/// <param name="Id">The process id.</param>
/// <param name="IsHealthy">Whether it can do its work.</param>
internal sealed record ShopProcess(string Resource, string ResourceId, int Id, bool IsHealthy)
{
    /// <summary>Null where the resource has no process now.</summary>
    public static ShopProcess? From(ResourceEvent resource) =>
        resource.Snapshot.State?.Text == KnownResourceStates.Running
        && resource.Snapshot.Properties.FirstOrDefault(property => property.Name == "executable.pid")?.Value is { } value
        && int.TryParse(Convert.ToString(value, CultureInfo.InvariantCulture), CultureInfo.InvariantCulture, out var id)
            ? new(resource.Resource.Name, resource.ResourceId, id, resource.Snapshot.HealthStatus == HealthStatus.Healthy)
            : null;
}
