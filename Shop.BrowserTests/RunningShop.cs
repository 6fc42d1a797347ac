using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using Shop.BrowserTests;

[assembly: AssemblyFixture(typeof(RunningShop))]

namespace Shop.BrowserTests;

/// <summary>The shop as its users start it, on throw-away data and with its dashboard; and a browser to look at that with.</summary>
public sealed class RunningShop : IAsyncLifetime
{
    /// <summary>Of the demo customer.</summary>
    public const string Password = "the password of the demo";

    /// <summary>The demo customer.</summary>
    public const string DemoEmail = "demo@shop.local";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private readonly TaskCompletionSource<Uri> _login = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<string> _output = [];
    private Process? _process;
    private readonly HttpClient _http = new();
    private (string Token, DateTimeOffset At)? _signedIn;
    private IPlaywright? _playwright;
    private IBrowser? _browser;
    private string? _missing;

    /// <summary>Where the dashboard lets people in.</summary>
    public Uri Login { get; private set; } = null!;

    /// <summary>Where the shop itself is.</summary>
    public Uri Gateway => _http.BaseAddress!;

    /// <summary>Starts everything; where something is missing, the tests say what.</summary>
    public async ValueTask InitializeAsync()
    {
        var appHost = Path.Combine(Root, $"Shop.AppHost/bin/{Configuration}/net10.0/Shop.AppHost.dll");
        var chromium = Chromium.Find();
        _missing = chromium is null ? Chromium.Missing
            : !File.Exists(Path.Combine(Path.GetDirectoryName(appHost)!, "LocalAspire.Hosting.dll")) ? "The shop was built for the engine 'aspire', which has a dashboard of its own."
            : null;
        if (_missing is not null)
            return;
        var port = FreePort();
        _http.BaseAddress = new Uri($"http://localhost:{port}");
        string[] arguments =
        [
            appHost, "--Data:Ephemeral=true", $"--Gateway:Port={port}", $"--LocalAspire:DashboardPort={FreePort()}", "--RateLimits:RequestsPerSecond=1000000",
            "--RateLimits:OrdersPerMinute=1000000", "--RateLimits:SignInsPerMinute=1000000",
            "--Resilience:BreakDuration=00:00:01", "--Resilience:PartTimeout=00:01:00",
            "--Orders:Timeouts:Stock=00:05:00", "--Orders:Timeouts:Payment=00:05:00", "--Orders:Timeouts:Shipment=00:05:00",
        ];
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            WorkingDirectory = Path.Combine(Root, "Shop.AppHost"), RedirectStandardOutput = true, RedirectStandardError = true,
            Environment = { ["DOTNET_ENVIRONMENT"] = "Development", ["Parameters__demo_password"] = Password },
        };
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Read(line.Data);
        _process.ErrorDataReceived += (_, line) => Read(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        _playwright = await Playwright.CreateAsync();
        _browser = await Chromium.StartAsync(_playwright, chromium!);
        await Task.WhenAny(_ready.Task, _process.WaitForExitAsync(), Task.Delay(Patience));
        Assert.True(_ready.Task.IsCompletedSuccessfully, $"The shop did not become ready:{Environment.NewLine}{Output}");
        Login = await _login.Task.WaitAsync(Patience);
    }

    /// <summary>Ends the shop, and waits until nothing of it is left.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_browser is { } browser)
            await browser.DisposeAsync();
        _playwright?.Dispose();
        _http.Dispose();
        if (_process is { HasExited: false } process)
        {
            using var kill = Process.Start("kill", ["-TERM", $"{process.Id}"]);
            await process.WaitForExitAsync();
        }
        _process?.Dispose();
    }

    /// <summary>A new page of a browser that is not logged in.</summary>
    public async Task<IPage> OpenAsync(ColorScheme scheme = ColorScheme.Dark)
    {
        SkipWhereSomethingIsMissing();
        var context = await _browser!.NewContextAsync(new() { ViewportSize = new() { Width = 1440, Height = 900 }, ColorScheme = scheme });
        context.SetDefaultTimeout(60_000); // two cores, and a whole shop beside
        Assertions.SetDefaultExpectTimeout(60_000);
        return await context.NewPageAsync();
    }

    /// <summary>A page of the dashboard, logged in.</summary>
    public async Task<IPage> OpenAsync(string path, ColorScheme scheme = ColorScheme.Dark)
    {
        var page = await OpenAsync(scheme);
        await page.GotoAsync(Url(path));
        return page;
    }

    /// <summary>The address of a page of the dashboard; by way of the login.</summary>
    public string Url(string path) => $"{Login}&returnUrl={Uri.EscapeDataString(path)}";

    /// <summary>Buys something as the demo customer, and says the order's id when it is confirmed.</summary>
    public async Task<string> PlaceOrderAsync()
    {
        SkipWhereSomethingIsMissing();
        var stop = TestContext.Current.CancellationToken;
        var token = await GetTokenAsync(stop);
        var products = await AskAsync(() => new(HttpMethod.Get, "/api/v1/products?search=kettle"), stop);
        var body = new
        {
            items = new[] { new { productId = products.GetProperty("items")[0].GetProperty("id").GetString(), quantity = 1 } },
            shippingAddress = new { name = "Ann Lee", line1 = "Kade 1", city = "Delft", postalCode = "2611", country = "NL" },
            paymentMethod = "tok_visa",
        };
        var key = Guid.NewGuid().ToString();
        var placed = await AskAsync(
            () => new(HttpMethod.Post, "/api/v1/orders") { Headers = { { "Authorization", $"Bearer {token}" }, { "Idempotency-Key", key } }, Content = JsonContent.Create(body) }, stop);
        var id = placed.GetProperty("id").GetString()!;
        for (var status = ""; status != "Confirmed"; await Task.Delay(200, stop))
        {
            var order = await AskAsync(() => new(HttpMethod.Get, $"/api/v1/orders/{id}") { Headers = { { "Authorization", $"Bearer {token}" } } }, stop);
            status = order.GetProperty("status").GetString();
            Assert.NotEqual("Cancelled", status);
        }
        return id;
    }

    /// <summary>Asks the gateway for products, so many times.</summary>
    public async Task BrowseAsync(int times)
    {
        SkipWhereSomethingIsMissing();
        for (var i = 0; i < times; i++)
            await AskAsync(() => new(HttpMethod.Get, "/api/v1/products?pageSize=1"), TestContext.Current.CancellationToken);
    }

    /// <summary>One that is good for a while yet.</summary>
    private async Task<string> GetTokenAsync(CancellationToken stop)
    {
        if (_signedIn is { } kept && DateTimeOffset.UtcNow - kept.At < TimeSpan.FromMinutes(5))
            return kept.Token;
        var fields = new Dictionary<string, string>
        {
            ["grant_type"] = "password", ["client_id"] = "shop-cli", ["scope"] = "openid", ["username"] = DemoEmail, ["password"] = Password,
        };
        var answer = await AskAsync(() => new(HttpMethod.Post, "/connect/token") { Content = new FormUrlEncodedContent(fields) }, stop);
        _signedIn = (answer.GetProperty("access_token").GetString()!, DateTimeOffset.UtcNow);
        return _signedIn.Value.Token;
    }

    /// <summary>What is answered; asked again where the shop cannot just now: the first calls of all may be slower than it waits.</summary>
    private async Task<JsonElement> AskAsync(Func<HttpRequestMessage> ask, CancellationToken stop)
    {
        for (var patience = DateTimeOffset.UtcNow + Patience; ;)
        {
            using var request = ask();
            using var answer = await _http.SendAsync(request, stop);
            if (answer.StatusCode is not (HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout) || DateTimeOffset.UtcNow > patience)
                return await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>(stop);
            await Task.Delay(answer.Headers.RetryAfter?.Delta ?? TimeSpan.FromSeconds(1), stop);
        }
    }

    /// <summary>The directory of the repository.</summary>
    public static string Root { get; } = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../.."));

    private static string Configuration => AppContext.BaseDirectory.Contains("/Release/", StringComparison.Ordinal) ? "Release" : "Debug";

    private string Output
    {
        get
        {
            lock (_output)
                return string.Join(Environment.NewLine, _output);
        }
    }

    private void SkipWhereSomethingIsMissing() => Assert.SkipWhen(_missing is not null, _missing ?? "");

    private void Read(string? line)
    {
        if (line is null)
            return;
        lock (_output)
            _output.Add(line);
        if (line.StartsWith("dashboard: ", StringComparison.Ordinal))
            _login.TrySetResult(new Uri(line["dashboard: ".Length..]));
        if (line.StartsWith("ready in ", StringComparison.Ordinal))
            _ready.TrySetResult();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
