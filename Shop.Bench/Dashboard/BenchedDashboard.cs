using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;

namespace Shop.Bench.Dashboard;

/// <summary>The dashboard as the process that it is, on free ports.</summary>
internal sealed class BenchedDashboard : IAsyncDisposable
{
    private const string Key = "the-key-of-this-benchmark";
    private const string Token = "the-token-of-this-benchmark";

    private readonly Process _process;
    private readonly HttpClient _pages, _otlp;

    private BenchedDashboard(Process process, string url, string otlp)
    {
        _process = process;
        _pages = new HttpClient(new HttpClientHandler { CookieContainer = new CookieContainer() }) { BaseAddress = new Uri(url) };
        _otlp = new HttpClient { BaseAddress = new Uri(otlp), DefaultRequestHeaders = { { "x-otlp-api-key", Key } } };
    }

    /// <summary>Where it is, and what lets a browser in.</summary>
    public Uri Login => new(_pages.BaseAddress!, $"/login?t={Token}");

    /// <summary>Starts it.</summary>
    /// <param name="spans">How many it keeps.</param>
    /// <param name="resources">Where it is told of resources.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    public static async Task<BenchedDashboard> StartAsync(int spans, string resources, CancellationToken cancellationToken)
    {
        var ports = FreePorts(3);
        var output = AppContext.BaseDirectory.TrimEnd('/').Split('/');
        var program = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, $"../../../../LocalAspire/Dashboard/bin/{output[^2]}/{output[^1]}/LocalAspire.Dashboard.dll"));
        var start = new ProcessStartInfo("dotnet", [program])
        {
            Environment =
            {
                ["Dashboard__Url"] = $"http://127.0.0.1:{ports[0]}", ["Dashboard__OtlpGrpcUrl"] = $"http://127.0.0.1:{ports[1]}", ["Dashboard__OtlpHttpUrl"] = $"http://127.0.0.1:{ports[2]}",
                ["Dashboard__ApiKey"] = Key, ["Dashboard__BrowserToken"] = Token, ["Dashboard__MaxSpans"] = spans.ToString(CultureInfo.InvariantCulture),
                ["Dashboard__ResourceServiceUrl"] = resources, ["DOTNET_ENVIRONMENT"] = "Production",
            },
            RedirectStandardOutput = true,
        };
        var dashboard = new BenchedDashboard(Process.Start(start)!, $"http://127.0.0.1:{ports[0]}", $"http://127.0.0.1:{ports[2]}");
        try
        {
            await dashboard.LogInAsync(cancellationToken);
            return dashboard;
        }
        catch
        {
            await dashboard.DisposeAsync();
            throw;
        }
    }

    private async Task LogInAsync(CancellationToken cancellationToken)
    {
        for (var patience = Stopwatch.StartNew(); ; await Task.Delay(50, cancellationToken))
            try
            {
                using var login = await _pages.GetAsync($"/login?t={Token}&returnUrl=/api/status", cancellationToken);
                login.EnsureSuccessStatusCode();
                return;
            }
            catch (HttpRequestException) when (patience.Elapsed < TimeSpan.FromMinutes(2) && !_process.HasExited)
            {
                // It does not listen yet.
            }
    }

    /// <summary>Sends telemetry.</summary>
    /// <param name="signal"><c>traces</c>, <c>logs</c> or <c>metrics</c>.</param>
    /// <param name="request">OTLP.</param>
    /// <param name="cancellationToken">Ends the sending.</param>
    public async Task SendAsync(string signal, byte[] request, CancellationToken cancellationToken)
    {
        using var content = new ByteArrayContent(request) { Headers = { ContentType = new MediaTypeHeaderValue("application/x-protobuf") } };
        using var answer = await _otlp.PostAsync($"/v1/{signal}", content, cancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    public Task<JsonElement> ReadAsync(string path, CancellationToken cancellationToken) => _pages.GetFromJsonAsync<JsonElement>(path, cancellationToken);

    /// <summary>What it holds now; what it shares with other processes is counted in part.</summary>
    public double Megabytes() => ProcessUsage.Read([_process.Id])[_process.Id].Memory / 1e6;

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _pages.Dispose();
        _otlp.Dispose();
    }

    private static int[] FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        listeners.ForEach(listener => listener.Start());
        var ports = listeners.ConvertAll(listener => ((IPEndPoint)listener.LocalEndpoint).Port);
        listeners.ForEach(listener => listener.Dispose());
        return [.. ports];
    }
}
