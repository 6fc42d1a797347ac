using LocalAspire.Dashboard;
using LocalAspire.Dashboard.Store;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace LocalAspire.Tests.Dashboard;

/// <summary>A dashboard that listens on ports of its own, in this process so that its store can be looked into.</summary>
public sealed class RunningDashboard : IAsyncLifetime
{
    public const string Key = "the-key-of-these-tests";
    public const string Token = "the-token-of-these-tests";

    private WebApplication _app = null!;

    public Uri Url { get; private set; } = null!;

    public Uri Grpc { get; private set; } = null!;

    public Uri Http { get; private set; } = null!;

    internal SpanStore Spans => _app.Services.GetRequiredService<SpanStore>();

    internal LogStore Logs => _app.Services.GetRequiredService<LogStore>();

    internal MetricStore Metrics => _app.Services.GetRequiredService<MetricStore>();

    public async ValueTask InitializeAsync()
    {
        var errors = new StringWriter();
        _app = DashboardApplication.Create(
            ["--Dashboard:Url=http://127.0.0.1:0", "--Dashboard:OtlpGrpcUrl=http://127.0.0.1:0", "--Dashboard:OtlpHttpUrl=http://127.0.0.1:0",
                $"--Dashboard:ApiKey={Key}", $"--Dashboard:BrowserToken={Token}"], errors)!;
        Assert.Empty(errors.ToString());
        await _app.StartAsync();
        // In the order of the names that the endpoints have in the configuration.
        var urls = _app.Urls.Select(url => new Uri(url)).ToArray();
        (Url, Grpc, Http) = (urls[0], urls[1], urls[2]);
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
