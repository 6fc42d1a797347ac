using System.Net;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Shop.Tests.WholeSystem;

/// <summary>Replicas come and go while customers are served: nobody notices.</summary>
[Collection<SharedShop>]
public sealed class ScalingTests(RunningShop shop)
{
    [Fact]
    public async Task Products_ScaledUpAndDownUnderTraffic_FailsNoRequest()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var first = await shop.App.ResourceNotifications.WaitForResourceHealthyAsync("products", cancellationToken);
        var user = await shop.Client.CreateUserAsync();
        using var done = new CancellationTokenSource();
        var traffic = Task.WhenAll(Task.Run(BrowseAsync, cancellationToken), Task.Run(BrowseAsync, cancellationToken), Task.Run(OrderAsync, cancellationToken));

        await CommandAsync(first, "add-replica");
        var second = await shop.App.ResourceNotifications.WaitForResourceAsync(
            "products", e => e.ResourceId != first.ResourceId && e.Snapshot.HealthStatus == HealthStatus.Healthy, cancellationToken);
        // What the gateway asks by HTTP and Orders by gRPC, the new one answers too.
        await ServedAsync(second, "/products");
        await ServedAsync(second, "/shop.products.");
        await CommandAsync(first, "remove-replica");
        await done.CancelAsync();

        var failures = (await traffic).SelectMany(failures => failures).ToArray();
        Assert.True(failures.Length == 0, string.Join('\n', failures));
        Assert.False(shop.App.ResourceNotifications.TryGetCurrentState(second.ResourceId, out _));

        Task<List<string>> BrowseAsync() => RepeatAsync(HttpStatusCode.OK, () => shop.Client.SendAsync(null, HttpMethod.Get, $"/api/v1/products/{ShopClient.SeededProduct(61)}"));

        // As customers should: the first call of a process that has just started may be slower than Orders waits, and then it says "again".
        Task<List<string>> OrderAsync() => RepeatAsync(
            HttpStatusCode.Created, () => shop.Client.SubmitOrderAsync(ShopClient.OrderFor(user, ShopClient.SeededProduct(61), 1), Guid.NewGuid().ToString()));

        async Task<List<string>> RepeatAsync(HttpStatusCode expected, Func<Task<HttpResponseMessage>> ask)
        {
            var failures = new List<string>();
            while (!done.IsCancellationRequested)
            {
                using var answer = await ask();
                if (answer.StatusCode != expected)
                    failures.Add($"{DateTimeOffset.UtcNow:HH:mm:ss.fff} {answer.RequestMessage?.RequestUri} {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(cancellationToken)}");
            }
            return failures;
        }
    }

    private async Task CommandAsync(ResourceEvent resource, string command)
    {
        var result = await shop.App.ResourceCommands.ExecuteCommandAsync(resource.ResourceId, command, TestContext.Current.CancellationToken);
        Assert.True(result.Success, result.ErrorMessage);
    }

    /// <summary>Waits until a replica has counted a request of a route.</summary>
    private static async Task ServedAsync(ResourceEvent replica, string route)
    {
        var address = replica.Snapshot.EnvironmentVariables.Single(variable => variable.Name == "Kestrel__Endpoints__http__Url").Value;
        using var client = new HttpClient { BaseAddress = new Uri(address!) };
        for (var patience = DateTimeOffset.UtcNow + Messaging.Eventually.Patience; ; await Task.Delay(100, TestContext.Current.CancellationToken))
        {
            var metrics = await client.GetStringAsync(new Uri("/metrics", UriKind.Relative), TestContext.Current.CancellationToken);
            if (metrics.Split('\n').Any(line => line.StartsWith("http_requests_total", StringComparison.Ordinal) && line.Contains(route, StringComparison.Ordinal)))
                return;
            Assert.True(DateTimeOffset.UtcNow < patience, $"The new replica has served nothing of {route}:\n{metrics}");
        }
    }
}
