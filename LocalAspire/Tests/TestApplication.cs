using Microsoft.Extensions.DependencyInjection;

namespace LocalAspire.Tests;

/// <summary>What most tests need of an application.</summary>
internal static class TestApplication
{
    /// <summary>Ends with the test, and after five minutes in any case: no test waits for ever.</summary>
    public static CancellationToken Limit
    {
        get
        {
            var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            limit.CancelAfter(TimeSpan.FromMinutes(5));
            return limit.Token;
        }
    }

    public static async Task<DistributedApplication> StartAsync(Action<IDistributedApplicationTestingBuilder> configure, params string[] args)
    {
        var builder = DistributedApplicationTestingBuilder.Create(args);
        configure(builder);
        var app = await builder.BuildAsync(Limit);
        await app.StartAsync(Limit);
        return app;
    }

    public static Task<ResourceEvent> HealthyAsync(this DistributedApplication app, string name) =>
        app.ResourceNotifications.WaitForResourceHealthyAsync(name, Limit);

    public static Task<ResourceEvent> StateAsync(this DistributedApplication app, string name, string state) =>
        app.ResourceNotifications.WaitForResourceAsync(name, e => e.Snapshot.State?.Text == state, Limit);

    /// <summary>Asks on a connection of its own.</summary>
    public static async Task<T> GetAsync<T>(this DistributedApplication app, string name, string path)
    {
        using var client = new HttpClient { BaseAddress = app.GetEndpoint(name) };
        return (await System.Net.Http.Json.HttpClientJsonExtensions.GetFromJsonAsync<T>(client, path, Limit))!;
    }

    public static async Task PostAsync(this DistributedApplication app, string name, string path)
    {
        using var client = app.CreateHttpClient(name);
        using var response = await client.PostAsync(new Uri(path, UriKind.Relative), null, Limit);
        response.EnsureSuccessStatusCode();
    }

    public static IReadOnlyList<string> LogOf(this DistributedApplication app, string id) =>
        [.. app.Services.GetRequiredService<ResourceLoggerService>().LogOf(id).Tail(int.MaxValue).Select(line => line.Content)];

    /// <summary>The process of a resource that runs.</summary>
    public static int ProcessIdOf(ResourceEvent running) =>
        (int)running.Snapshot.Properties.Single(property => property.Name == "executable.pid").Value!;
}
