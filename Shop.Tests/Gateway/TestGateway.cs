using System.Net.Http.Headers;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Shop.Gateway.Resilience;
using Shop.ServiceDefaults.Identity;
using Shop.Tests.Identity;

namespace Shop.Tests.Gateway;

/// <summary>The gateway itself, on a port of its own, in front of backends that the test gives it.</summary>
internal sealed class TestGateway : WebApplicationFactory<ClusterGuards>
{
    private readonly Settings _settings = new();

    private TestGateway()
    {
    }

    public MovableClock Clock { get; } = new();

    public HttpClient Client { get; private set; } = null!;

    public TestTokens Tokens { get; } = new();

    /// <param name="backends">The service's name and one of its replicas, for each replica.</param>
    /// <param name="settings">Configuration keys and values.</param>
    public static TestGateway Start((string Service, string Address)[] backends, params (string Key, string Value)[] settings)
    {
        var gateway = new TestGateway();
        gateway._settings.Replace([
            (ShopTokens.IssuerKey, TestTokens.Issuer),
            // As a setting, which the server reads when it starts: given to UseKestrel it comes too late where the server is faster.
            ("urls", "http://127.0.0.1:0"),
            ("RateLimits:RequestsPerSecond", "100000"),
            ("Resilience:HealthInterval", "00:00:00.2"),
            ("Resilience:PartTimeout", "00:01:00"),
            .. settings,
        ]);
        gateway.MoveTo(backends);
        gateway.UseKestrel();
        gateway.StartServer();
        gateway.Client = gateway.CreateClient();
        return gateway;
    }

    /// <summary>Tells service discovery, while the gateway runs, that the services are elsewhere.</summary>
    public void MoveTo(params (string Service, string Address)[] backends) => _settings.Replace([
        .. _settings.Where(setting => !setting.Key.StartsWith("services:", StringComparison.Ordinal)),
        .. backends.GroupBy(backend => backend.Service).SelectMany(service =>
            service.Select((replica, index) => ($"services:{service.Key}:http:{index}", replica.Address))),
    ]);

    /// <summary>Sends a request as a user, or as nobody.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, Guid? userId = null, HttpContent? content = null, HttpCompletionOption until = HttpCompletionOption.ResponseContentRead)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        if (userId is { } id)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Tokens.ForUser(id, Roles.Customer));
        return await Client.SendAsync(request, until, TestContext.Current.CancellationToken);
    }

    public async Task<int> GetStatusAsync(string path, Guid? userId = null)
    {
        using var response = await SendAsync(HttpMethod.Get, path, userId);
        return (int)response.StatusCode;
    }

    public static async Task AssertProblemAsync(HttpResponseMessage response, int status)
    {
        var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True((int)response.StatusCode == status, $"{(int)response.StatusCode}: {body}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.Contains($"\"status\":{status}", body, StringComparison.Ordinal);
        Assert.Contains("\"traceId\":", body, StringComparison.Ordinal);
        Assert.Contains("\"detail\":", body, StringComparison.Ordinal);
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.ConfigureLogging(logging => logging.ClearProviders());
        builder.ConfigureAppConfiguration(configuration => configuration.Add(_settings));
        builder.ConfigureServices(services => services.AddSingleton<ISigningKeySource>(Tokens).AddSingleton<TimeProvider>(Clock));
    }

    /// <summary>A clock that the test can put forward; timers run as ever.</summary>
    internal sealed class MovableClock : TimeProvider
    {
        private TimeSpan _ahead;

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + _ahead;

        public void PutForward(TimeSpan time) => _ahead += time;
    }

    /// <summary>Configuration that changes while the gateway runs.</summary>
    private sealed class Settings : ConfigurationProvider, IConfigurationSource
    {
        public IEnumerable<(string Key, string Value)> Where(Func<(string Key, string Value), bool> isWanted) =>
            Data.Select(setting => (setting.Key, setting.Value!)).Where(isWanted);

        public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

        public void Replace(IReadOnlyList<(string Key, string Value)> settings)
        {
            Data.Clear();
            foreach (var (key, value) in settings)
                Data[key] = value;
            OnReload();
        }
    }
}
