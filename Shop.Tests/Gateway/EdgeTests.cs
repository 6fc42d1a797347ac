using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Shop.Gateway.Edge;
using Shop.ServiceDefaults.Identity;
using Shop.Tests.Identity;

namespace Shop.Tests.Gateway;

/// <summary>What holds at the gateway for every request, whatever it asks for.</summary>
public sealed class EdgeTests : IAsyncLifetime
{
    private static readonly string[] Services = ["products", "orders", "users", "inventory"];

    private const string Path = "/api/v1/products/1";

    /// <summary>Requests at once: more than a limit of five a second lets pass, however long a busy machine takes for them.</summary>
    private const int Many = 200;

    private Backend _backend = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _backend = await Backend.StartAsync();

    public ValueTask DisposeAsync() => _backend.DisposeAsync();

    [Fact]
    public async Task Requests_MoreThanAClientMaySend_AreRefusedUntilTheSecondIsOver()
    {
        await using var gateway = Start(("RateLimits:RequestsPerSecond", "5"));
        var user = Guid.NewGuid();
        var start = Stopwatch.GetTimestamp();
        var answers = await Task.WhenAll(Enumerable.Range(0, Many).Select(_ => gateway.SendAsync(HttpMethod.Get, Path, user)));

        Assert.InRange(answers.Count(answer => answer.StatusCode == HttpStatusCode.OK), 5, MostIn(Stopwatch.GetElapsedTime(start), perSecond: 5));
        foreach (var refused in answers.Where(answer => answer.StatusCode != HttpStatusCode.OK))
        {
            await TestGateway.AssertProblemAsync(refused, 429);
            Assert.Equal("1", refused.Headers.GetValues("Retry-After").Single());
        }

        Assert.Equal(200, await gateway.GetStatusAsync(Path, Guid.NewGuid()));
        Assert.Equal(200, await gateway.GetStatusAsync(Path));
        Assert.Equal(200, await gateway.GetStatusAsync("/health", user));
        await Messaging.Eventually.IsTrue(async () => await gateway.GetStatusAsync(Path, user) == 200);
    }

    [Fact]
    public void Limits_ByDefault_AreThoseOfTheDescription()
    {
        var limits = new RateLimitOptions();

        Assert.Equal((100, 10, 5), (limits.RequestsPerSecond, limits.OrdersPerMinute, limits.SignInsPerMinute));
    }

    [Fact]
    public async Task BadTokens_CountForTheAddressTheyComeFrom()
    {
        await using var gateway = Start(("RateLimits:RequestsPerSecond", "5"));
        gateway.Client.DefaultRequestHeaders.Authorization = new("Bearer", "nonsense");

        var start = Stopwatch.GetTimestamp();
        var statuses = await Task.WhenAll(Enumerable.Range(0, Many).Select(_ => gateway.GetStatusAsync("/api/v1/orders")));

        var answered = statuses.Count(status => status == 401);
        Assert.InRange(answered, 5, MostIn(Stopwatch.GetElapsedTime(start), perSecond: 5));
        Assert.Equal(Many - answered, statuses.Count(status => status == 429));
    }

    [Theory]
    [InlineData("/api/v1/orders")]
    [InlineData("/api/v2/orders")]
    public async Task Orders_TenAMinuteByDefaultWhateverTheVersion_TheEleventhIsRefused(string path)
    {
        await using var gateway = Start();
        var user = Guid.NewGuid();
        for (var i = 0; i < 10; i++)
            Assert.Equal(200, await PostAsync(gateway, i % 2 == 0 ? "/api/v1/orders" : "/api/v2/orders", user));

        using var refused = await gateway.SendAsync(HttpMethod.Post, path, user, new StringContent("{}"));

        await TestGateway.AssertProblemAsync(refused, 429);
        Assert.InRange(int.Parse(refused.Headers.GetValues("Retry-After").Single(), CultureInfo.InvariantCulture), 1, 60);
        Assert.Equal(200, await PostAsync(gateway, path, Guid.NewGuid()));
        Assert.Equal(200, await gateway.GetStatusAsync(path, user));
    }

    [Fact]
    public async Task SignIns_FiveAMinuteByDefault_TheSixthIsRefused()
    {
        await using var gateway = Start();
        for (var i = 0; i < 5; i++)
            Assert.Equal(200, await PostAsync(gateway, i % 2 == 0 ? "/connect/token" : "/connect/authorize"));

        Assert.Equal(429, await PostAsync(gateway, "/connect/token"));
        Assert.Equal(200, await gateway.GetStatusAsync("/connect/authorize"));
        Assert.Equal(200, await PostAsync(gateway, "/connect/revoke"));
    }

    [Fact]
    public async Task ForwardedFor_FromAStranger_IsNotBelieved()
    {
        await using var gateway = Start(("RateLimits:SignInsPerMinute", "1"));
        var statuses = new List<int>();
        foreach (var address in new[] { "203.0.113.1", "203.0.113.2" })
            statuses.Add(await PostAsync(gateway, "/connect/token", forwardedFor: address));

        Assert.Equal([200, 429], statuses);
        Assert.Equal("127.0.0.1", _backend.Requests.Single()["X-Forwarded-For"]);
    }

    [Fact]
    public async Task ForwardedFor_FromATrustedProxy_IsTheClient()
    {
        await using var gateway = Start(("RateLimits:SignInsPerMinute", "1"), ("Edge:TrustedProxies:0", "127.0.0.0/8"));
        var statuses = new List<int>();
        foreach (var address in new[] { "203.0.113.1", "203.0.113.2", "203.0.113.1", "2001:db8::1", "2001:db8::2" })
            statuses.Add(await PostAsync(gateway, "/connect/token", forwardedFor: address));

        Assert.Equal([200, 200, 429, 200, 429], statuses);
        Assert.Equal("203.0.113.1", _backend.Requests.First()["X-Forwarded-For"]);
    }

    [Fact]
    public async Task Answers_HaveSecurityHeadersAndNameNoServer()
    {
        _backend.Answer = context =>
        {
            context.Response.Headers.Server = "inside";
            return Task.CompletedTask;
        };
        await using var gateway = Start();
        foreach (var path in new[] { Path, "/nothing-here", "/health" })
        {
            using var response = await gateway.SendAsync(HttpMethod.Get, path);

            Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
            Assert.Equal("DENY", response.Headers.GetValues("X-Frame-Options").Single());
            Assert.Equal("no-referrer", response.Headers.GetValues("Referrer-Policy").Single());
            Assert.Contains("default-src 'none'", response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
            Assert.False(response.Headers.Contains("Server"));
        }
    }

    [Fact]
    public async Task IdentityHeaders_FromOutside_DoNotGetIn()
    {
        await using var gateway = Start();
        using var request = new HttpRequestMessage(HttpMethod.Get, Path);
        foreach (var name in new[] { "X-User-Id", "X-Roles", "X-Forwarded-User", "X-Client-Cert", "Forwarded" })
            request.Headers.TryAddWithoutValidation(name, "admin");
        using var response = await gateway.Client.SendAsync(request, Cancelled);

        Assert.DoesNotContain(_backend.Requests.Single(), header => header.Value == "admin");
    }

    [Theory]
    [InlineData("GET", "/api/v1/users")]
    [InlineData("GET", "/api/v2/users")]
    [InlineData("PUT", "/api/v1/users/1")]
    [InlineData("PUT", "/api/v2/users/1")]
    [InlineData("DELETE", "/api/v1/users/1")]
    [InlineData("DELETE", "/api/v2/users/1")]
    [InlineData("POST", "/api/v2/users/1")]
    [InlineData("POST", "/api/v1/products")]
    [InlineData("POST", "/api/v2/products")]
    [InlineData("PUT", "/api/v1/products/1")]
    [InlineData("DELETE", "/api/v2/products/1")]
    [InlineData("PUT", "/api/v1/inventory/1")]
    public async Task Token_NoneOrBad_IsRefusedBeforeTheServiceIsAsked(string method, string path)
    {
        await using var gateway = Start();
        foreach (var token in new[] { null, "nonsense", TestTokens.SignedByNobody(gateway.Tokens.ForUser(Guid.NewGuid(), Roles.Admin)) })
        {
            gateway.Client.DefaultRequestHeaders.Authorization = token is null ? null : new("Bearer", token);
            using var response = await gateway.SendAsync(new HttpMethod(method), path);
            await TestGateway.AssertProblemAsync(response, 401);
        }

        Assert.Empty(_backend.Requests);
    }

    [Theory]
    [InlineData("GET", "/api/v1/products")]
    [InlineData("GET", "/api/v2/products/1")]
    [InlineData("HEAD", "/api/v1/products/1")]
    [InlineData("GET", "/api/v1/inventory/1")]
    [InlineData("POST", "/api/v1/users")]
    [InlineData("POST", "/api/v2/users")]
    [InlineData("POST", "/api/v1/users/")]
    public async Task Token_NoneWhereAnyoneMay_IsNotAskedFor(string method, string path)
    {
        await using var gateway = Start();

        using var response = await gateway.SendAsync(new HttpMethod(method), path);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Single(_backend.Requests);
    }

    [Fact]
    public async Task Cors_OnlyOriginsThatAreConfigured()
    {
        await using var gateway = Start(("Edge:AllowedOrigins:0", "https://shop.example.com"));

        using var known = await PreflightAsync(gateway, "https://shop.example.com");
        using var stranger = await PreflightAsync(gateway, "https://elsewhere.example.com");

        Assert.Equal("https://shop.example.com", known.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.Contains("Idempotency-Key", known.Headers.GetValues("Access-Control-Allow-Headers").Single(), StringComparison.Ordinal);
        Assert.False(stranger.Headers.Contains("Access-Control-Allow-Origin"));
        Assert.Empty(_backend.Requests);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Body_TooLarge_IsRefused(bool isChunked)
    {
        _backend.Answer = context => context.Request.Body.CopyToAsync(Stream.Null);
        await using var gateway = Start(("Kestrel:Limits:MaxRequestBodySize", "1000"));
        using var content = new StringContent(new string('x', 1001), Encoding.UTF8, "application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v2/users") { Content = content, Headers = { TransferEncodingChunked = isChunked } };

        using var response = await gateway.Client.SendAsync(request, Cancelled);

        await TestGateway.AssertProblemAsync(response, 413);
        Assert.Equal(200, await gateway.GetStatusAsync(Path));
    }

    [Fact]
    public async Task Headers_TooLarge_AreRefused()
    {
        await using var gateway = Start();
        using var request = new HttpRequestMessage(HttpMethod.Get, Path) { Headers = { { "X-Large", new string('x', 17_000) } } };

        using var response = await gateway.Client.SendAsync(request, Cancelled);

        Assert.Equal(HttpStatusCode.RequestHeaderFieldsTooLarge, response.StatusCode);
    }

    [Fact]
    public async Task Headers_TooSlow_AreRefused()
    {
        await using var gateway = Start(("Kestrel:Limits:RequestHeadersTimeout", "00:00:00.5"));
        using var slow = new TcpClient();
        await slow.ConnectAsync(IPAddress.Loopback, gateway.Client.BaseAddress!.Port, Cancelled);
        await slow.GetStream().WriteAsync("GET / HTTP/1.1\r\nHost: shop\r\nX-Slow: "u8.ToArray(), Cancelled);

        using var reader = new StreamReader(slow.GetStream());

        Assert.StartsWith("HTTP/1.1 408", await reader.ReadLineAsync(Cancelled), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("text/html", 406)]
    [InlineData("image/png, application/xml;q=0.9", 406)]
    [InlineData("application/json;q=0", 406)]
    [InlineData("text/html, */*;q=0.1", 200)]
    [InlineData("application/json; charset=utf-8", 200)]
    [InlineData("application/*", 200)]
    [InlineData("text/event-stream", 200)]
    [InlineData("what is this?", 200)]
    public async Task Accept_WithoutJson_IsRefused(string accept, int status)
    {
        await using var gateway = Start();
        using var request = new HttpRequestMessage(HttpMethod.Get, Path);
        request.Headers.TryAddWithoutValidation("Accept", accept);

        using var response = await gateway.Client.SendAsync(request, Cancelled);

        if (status == 406)
            await TestGateway.AssertProblemAsync(response, 406);
        else
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Uri_TooLong_IsRefused()
    {
        await using var gateway = Start();

        using var response = await gateway.SendAsync(HttpMethod.Get, $"{Path}?search={new string('x', 9000)}");

        Assert.Equal(HttpStatusCode.RequestUriTooLong, response.StatusCode);
    }

    [Fact]
    public async Task Grpc_IsNotRouted()
    {
        await using var gateway = Start();

        using var content = new ByteArrayContent([]) { Headers = { ContentType = new("application/grpc") } };
        using var response = await gateway.SendAsync(HttpMethod.Post, "/shop.users.UserService/GetUser", content: content);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Empty(_backend.Requests);
    }

    [Fact]
    public void Configuration_Wrong_StopsTheStartWithEveryErrorAtOnce()
    {
        var failure = Assert.ThrowsAny<Exception>(() => Start(
            ("RateLimits:OrdersPerMinute", "0"),
            ("Resilience:FailureRatio", "2"),
            ("Edge:TrustedProxies:0", "somewhere"),
            ("Edge:AllowedOrigins:0", "shop.example.com/")));

        var errors = Assert.IsType<AggregateException>(failure).InnerExceptions.OfType<OptionsValidationException>().SelectMany(error => error.Failures).ToArray();
        Assert.Equal(4, errors.Length);
        foreach (var name in new[] { "OrdersPerMinute", "FailureRatio", "'somewhere'", "'shop.example.com/'" })
            Assert.Contains(errors, error => error.Contains(name, StringComparison.Ordinal));
    }

    private TestGateway Start(params (string, string)[] settings) => TestGateway.Start(
        [.. Services.Select(service => (service, _backend.Address))], settings);

    /// <summary>A full bucket, and what is added each second.</summary>
    private static int MostIn(TimeSpan time, int perSecond) => perSecond * (1 + (int)Math.Ceiling(time.TotalSeconds));

    private static async Task<int> PostAsync(TestGateway gateway, string path, Guid? userId = null, string? forwardedFor = null)
    {
        using var content = new StringContent("{}");
        gateway.Client.DefaultRequestHeaders.Remove("X-Forwarded-For");
        gateway.Client.DefaultRequestHeaders.TryAddWithoutValidation("X-Forwarded-For", forwardedFor);
        using var response = await gateway.SendAsync(HttpMethod.Post, path, userId, content);
        return (int)response.StatusCode;
    }

    private static async Task<HttpResponseMessage> PreflightAsync(TestGateway gateway, string origin)
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, "/api/v1/orders");
        request.Headers.Add("Origin", origin);
        request.Headers.Add("Access-Control-Request-Method", "POST");
        request.Headers.Add("Access-Control-Request-Headers", "Idempotency-Key");
        return await gateway.Client.SendAsync(request, Cancelled);
    }
}
