using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using Shop.Gateway.Resilience;
using Shop.ServiceDefaults.Identity;
using Shop.Tests.Messaging;

namespace Shop.Tests.Gateway;

/// <summary>One service in trouble, and what the gateway makes of it.</summary>
public sealed class ResilienceTests : IAsyncLifetime
{
    private const string Path = "/api/v1/products/1";

    /// <summary>Repetitions come at once, and failures count for the circuit however long a busy machine takes for them.</summary>
    private static readonly (string, string)[] Timeless = [("Resilience:RetryDelay", "00:00:00.001"), ("Resilience:SamplingDuration", "01:00:00")];

    /// <summary>For what is kept open as long as the test wants.</summary>
    private static readonly (string, string)[] LongOpen = [("Resilience:Timeout", "00:05:00"), ("Resilience:AttemptTimeout", "00:05:00")];

    private static readonly TimeSpan BreakDuration = new ResilienceOptions().BreakDuration;

    private Backend _products = null!;
    private Backend _twin = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _products = await Backend.StartAsync();
        _twin = await Backend.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _products.DisposeAsync();
        await _twin.DisposeAsync();
    }

    public static TheoryData<string, RequestDelegate> Failures => new()
    {
        { "dies", Backend.Die },
        { "502", Backend.Status(502) },
        { "503", Backend.Status(503) },
        { "504", Backend.Status(504) },
        { "is silent", context => Task.Delay(Timeout.Infinite, context.RequestAborted) },
    };

    [Theory]
    [MemberData(nameof(Failures), DisableDiscoveryEnumeration = true)]
    public async Task SafeRequest_OneReplicaFails_IsAnsweredByAnother(string what, RequestDelegate failure)
    {
        _products.Answer = failure;
        // Also the other replica is given no more time than that.
        await using var gateway = what == "is silent" ? StartWithTwoReplicas(("Resilience:AttemptTimeout", "00:00:05")) : StartWithTwoReplicas();

        // Which replica is asked first is left to chance.
        var answered = 0;
        for (; _products.Requests.IsEmpty; answered++)
            Assert.True(await gateway.GetStatusAsync(Path) == 200, $"A request did not survive a replica that {what}.");

        Assert.Equal(answered, _twin.Requests.Count);
    }

    [Fact]
    public async Task SafeRequest_ReplicaIsGone_IsAnsweredByAnother()
    {
        await using var gateway = StartWithTwoReplicas();
        await _products.DisposeAsync();

        for (var i = 0; i < 6; i++)
            Assert.Equal(200, await gateway.GetStatusAsync(Path));
    }

    [Fact]
    public async Task SafeRequest_EveryReplicaFails_IsSentThreeTimesAndAnsweredAsTheServiceDid()
    {
        _products.Answer = context =>
        {
            context.Response.StatusCode = 503;
            return context.Response.WriteAsync("the service's own words");
        };
        await using var gateway = StartWithOneReplica();

        using var response = await gateway.SendAsync(HttpMethod.Get, Path);

        Assert.Equal("the service's own words", await response.Content.ReadAsStringAsync(Cancelled));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal(3, _products.Requests.Count);
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    public async Task UnsafeRequest_ReplicaDies_IsNotSentAgain(string method)
    {
        _products.Answer = Backend.Die;
        await using var gateway = StartWithOneReplica();

        using var response = await gateway.SendAsync(new HttpMethod(method), Path, Guid.NewGuid(), new StringContent("{}"));

        await TestGateway.AssertProblemAsync(response, 502);
        Assert.Single(_products.Requests);
    }

    [Fact]
    public async Task Circuit_FiveFailures_OpensAndAnswersAtOnce_HalfOpensAndCloses()
    {
        _products.Answer = Backend.Status(503);
        await using var gateway = StartWithOneReplica();
        for (var i = 0; i < 5; i++)
            await gateway.GetStatusAsync(Path);
        var asked = _products.Requests.Count;

        using var response = await gateway.SendAsync(HttpMethod.Get, Path);

        await TestGateway.AssertProblemAsync(response, 503);
        Assert.InRange(int.Parse(response.Headers.GetValues("Retry-After").Single(), CultureInfo.InvariantCulture), 1, 60);
        Assert.Equal(asked, _products.Requests.Count);

        // Half open: one request tries, fails, and the circuit is open again.
        gateway.Clock.PutForward(BreakDuration);
        Assert.Equal(503, await gateway.GetStatusAsync(Path));
        Assert.Equal(asked + 3, _products.Requests.Count);
        _products.Answer = Backend.Status(200);
        Assert.Equal(503, await gateway.GetStatusAsync(Path));
        Assert.Equal(asked + 3, _products.Requests.Count);

        gateway.Clock.PutForward(BreakDuration);
        for (var i = 0; i < 6; i++)
            Assert.Equal(200, await gateway.GetStatusAsync(Path));
    }

    [Fact]
    public async Task Circuit_FiveFailuresInARow_OpensHoweverLongTheyTake()
    {
        await using var gateway = TestGateway.Start([("products", _products.Address)], ("Resilience:RetryDelay", "00:00:00.001"));
        Assert.Equal(200, await gateway.GetStatusAsync(Path));
        _products.Answer = Backend.Status(503);
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(503, await gateway.GetStatusAsync(Path));
            gateway.Clock.PutForward(new ResilienceOptions().SamplingDuration * 2);
        }

        var asked = _products.Requests.Count;
        Assert.Equal(503, await gateway.GetStatusAsync(Path));
        Assert.Equal(asked, _products.Requests.Count);
    }

    [Fact]
    public async Task Circuit_HalfOfRequestsFail_OpensThoughTheyAreNotInARow()
    {
        await using var gateway = StartWithOneReplica();
        for (var i = 0; i < 5; i++)
        {
            var status = i % 2 == 0 ? 503 : 200;
            _products.Answer = Backend.Status(status);
            Assert.Equal(status, await gateway.GetStatusAsync(Path));
        }

        var asked = _products.Requests.Count;
        Assert.Equal(503, await gateway.GetStatusAsync(Path));
        Assert.Equal(asked, _products.Requests.Count);
    }

    [Fact]
    public async Task Circuit_OneAnswerAmongFailures_BeginsToCountAnew()
    {
        await using var gateway = TestGateway.Start([("products", _products.Address)], ("Resilience:RetryDelay", "00:00:00.001"));
        for (var i = 0; i < 12; i++)
        {
            _products.Answer = Backend.Status(i % 5 == 4 ? 200 : 503);
            Assert.Equal(i % 5 == 4 ? 200 : 503, await gateway.GetStatusAsync(Path));
            gateway.Clock.PutForward(new ResilienceOptions().SamplingDuration * 2);
        }

        Assert.Equal(3 * 10 + 2, _products.Requests.Count);
    }

    [Fact]
    public async Task Circuit_ClientsThatGiveUp_NeitherCloseItNorBeginToCountAnew()
    {
        await using var gateway = StartWithOneReplica(("Resilience:FailureRatio", "1"));
        for (var i = 0; i < 5; i++)
        {
            await GiveUpAsync();
            Assert.Equal(503, await gateway.GetStatusAsync(Path));
        }

        await AssertOpenAsync();

        // Half open: who gives up leaves it to the next to try.
        gateway.Clock.PutForward(BreakDuration);
        await GiveUpAsync();
        var asked = _products.Requests.Count;
        await Eventually.IsTrue(async () => await gateway.GetStatusAsync(Path) == 503 && _products.Requests.Count == asked + 3);
        await AssertOpenAsync();

        async Task GiveUpAsync()
        {
            var (come, gone) = (new TaskCompletionSource(), new TaskCompletionSource());
            _products.Answer = async context =>
            {
                using var end = context.RequestAborted.Register(gone.SetResult);
                come.SetResult();
                await gone.Task;
            };
            using var patience = new CancellationTokenSource();
            var call = gateway.Client.GetAsync(new Uri(Path, UriKind.Relative), patience.Token);
            await come.Task.WaitAsync(Cancelled);
            await patience.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
            await gone.Task.WaitAsync(Cancelled);
            _products.Answer = Backend.Status(503);
        }

        async Task AssertOpenAsync()
        {
            var asked = _products.Requests.Count;
            Assert.Equal(503, await gateway.GetStatusAsync(Path));
            Assert.Equal(asked, _products.Requests.Count);
        }
    }

    [Fact]
    public void Defaults_AreThoseOfTheDescription()
    {
        var options = new ResilienceOptions();

        Assert.Equal((5, 0.5, 60), (options.FailuresToOpen, options.FailureRatio, options.BreakDuration.TotalSeconds));
        Assert.Equal((30, 10, 2), (options.Timeout.TotalSeconds, options.AttemptTimeout.TotalSeconds, options.Retries));
        Assert.Equal((256, 50), (options.ConcurrentRequests, options.RetryDelay.TotalMilliseconds));
    }

    [Fact]
    public async Task Circuit_OfOneService_LeavesTheOthersAlone()
    {
        _products.Answer = Backend.Die;
        await using var gateway = TestGateway.Start([("products", _products.Address), ("inventory", _twin.Address)], Timeless);
        for (var i = 0; i < 10; i++)
            await gateway.GetStatusAsync(Path);

        Assert.Equal(503, await gateway.GetStatusAsync(Path));
        Assert.Equal(200, await gateway.GetStatusAsync("/api/v1/inventory/1"));
    }

    [Fact]
    public async Task Circuit_ErrorsOfTheClientAndOfTheService_DoNotOpenIt()
    {
        await using var gateway = StartWithOneReplica();
        foreach (var status in new[] { 400, 401, 403, 404, 409, 429, 500 })
        {
            _products.Answer = Backend.Status(status);
            for (var i = 0; i < 6; i++)
                Assert.Equal(status, await gateway.GetStatusAsync(Path));
        }
    }

    [Fact]
    public async Task Service_IsDown_IsUnavailableForNow()
    {
        await _products.DisposeAsync();
        await using var gateway = StartWithOneReplica();

        using var response = await gateway.SendAsync(HttpMethod.Post, Path, Guid.NewGuid(), new StringContent("{}"));

        await TestGateway.AssertProblemAsync(response, 503);
        Assert.Equal("5", response.Headers.GetValues("Retry-After").Single());
    }

    [Fact]
    public async Task Service_Slow_FillsItsBulkheadAndNoOther()
    {
        var open = new TaskCompletionSource();
        _products.Answer = _ => open.Task;
        await using var gateway = TestGateway.Start(
            [("products", _products.Address), ("inventory", _twin.Address)], [.. LongOpen, ("Resilience:ConcurrentRequests", "3")]);
        var waiting = Enumerable.Range(0, 3).Select(_ => gateway.GetStatusAsync(Path)).ToArray();
        await Eventually.IsTrue(() => _products.Requests.Count == 3);

        using var refused = await gateway.SendAsync(HttpMethod.Get, Path);

        await TestGateway.AssertProblemAsync(refused, 503);
        Assert.Equal("1", refused.Headers.GetValues("Retry-After").Single());
        Assert.Equal(200, await gateway.GetStatusAsync("/api/v1/inventory/1"));
        open.SetResult();
        Assert.All(await Task.WhenAll(waiting), status => Assert.Equal(200, status));
        Assert.Equal(200, await gateway.GetStatusAsync(Path));
    }

    [Theory]
    [InlineData("Resilience:Timeout")]
    [InlineData("Resilience:AttemptTimeout")]
    public async Task Service_Silent_IsTimedOut(string timeout)
    {
        await using var gateway = StartWithOneReplica((timeout, "00:00:00.3"));
        // The first of all takes longer for other reasons.
        await Eventually.IsTrue(async () => await gateway.GetStatusAsync(Path) == 200);
        _products.Answer = context => Task.Delay(Timeout.Infinite, context.RequestAborted);
        var start = Stopwatch.GetTimestamp();

        using var response = await gateway.SendAsync(HttpMethod.Post, Path, Guid.NewGuid(), new StringContent("{}"));

        await TestGateway.AssertProblemAsync(response, 504);
        // Before any time that was not set here would have been up.
        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.FromSeconds(0.25), new ResilienceOptions().AttemptTimeout);
    }

    [Fact]
    public async Task Timeouts_CountForTheCircuit()
    {
        _products.Answer = context => Task.Delay(Timeout.Infinite, context.RequestAborted);
        await using var gateway = StartWithOneReplica(("Resilience:Timeout", "00:00:00.1"));
        for (var i = 0; i < 5; i++)
            Assert.Equal(504, await gateway.GetStatusAsync(Path));

        // Not at once where a request's time was up before it had been sent: that is no failure of the service.
        await Eventually.IsTrue(async () => await gateway.GetStatusAsync(Path) == 503);
    }

    [Fact]
    public async Task Client_SlowToSendItsBody_IsNobodysFailureAndFillsNoBulkhead()
    {
        await using var gateway = StartWithOneReplica(("Resilience:Timeout", "00:00:00.5"), ("Resilience:ConcurrentRequests", "1"));

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(async _ =>
        {
            using var slow = await BeginToSendAsync(gateway);
            using var reader = new StreamReader(slow.GetStream());
            return await reader.ReadLineAsync(Cancelled);
        }));

        Assert.All(answers, answer => Assert.StartsWith("HTTP/1.1 408", answer, StringComparison.Ordinal));
        Assert.Empty(_products.Requests);
        int status;
        do
            status = await gateway.GetStatusAsync(Path);
        while (status == 504); // a busy machine, and so little time
        Assert.Equal(200, status);
    }

    [Fact]
    public async Task Client_SlowToSendItsBody_LeavesTheServiceItsTime()
    {
        const string Ok = "HTTP/1.1 200";
        // A busy machine may need more time for the rest of it; but that of the client and of the service are together longer than the timeout.
        var answer = "";
        for (var timeout = TimeSpan.FromSeconds(1.5); !answer.StartsWith(Ok, StringComparison.Ordinal) && timeout < TimeSpan.FromMinutes(1); timeout *= 4)
            answer = await SendAsync(timeout, 0.6 * timeout);

        Assert.StartsWith(Ok, answer, StringComparison.Ordinal);

        async Task<string> SendAsync(TimeSpan timeout, TimeSpan half)
        {
            _products.Answer = context => Task.Delay(half, context.RequestAborted);
            await using var gateway = StartWithOneReplica(("Resilience:Timeout", timeout.ToString()));
            using var slow = await BeginToSendAsync(gateway);
            await Task.Delay(half, Cancelled);
            await slow.GetStream().WriteAsync("}"u8.ToArray(), Cancelled);
            using var reader = new StreamReader(slow.GetStream());
            return await reader.ReadLineAsync(Cancelled) ?? "";
        }
    }

    [Theory]
    [InlineData(1000, true)]
    [InlineData(1_000_000, false)]
    public async Task Body_Large_WaitsInAFile(int length, bool isInMemory)
    {
        var body = new byte[length];
        Random.Shared.NextBytes(body);
        var context = new DefaultHttpContext { Request = { Body = PipeReader.Create(new ReadOnlySequence<byte>(body)).AsStream() } };
        context.Features.Set<IHttpRequestBodyDetectionFeature>(new HasBody());
        using var passedOn = new MemoryStream();
        var first = new BodyFirst(
            async context =>
            {
                Assert.Equal(isInMemory, Assert.IsType<FileBufferingReadStream>(context.Request.Body).InMemory);
                await context.Request.Body.CopyToAsync(passedOn, Cancelled);
            },
            Options.Create(new ResilienceOptions()));

        await first.InvokeAsync(context);

        Assert.Equal(body, passedOn.ToArray());
    }

    [Fact]
    public async Task Replica_Unhealthy_GetsNoRequestsUntilItIsWell()
    {
        await using var gateway = StartWithTwoReplicas();
        _products.IsHealthy = false;
        await Eventually.IsTrue(async () => await GetsNothingAsync(_products, gateway));

        _products.IsHealthy = true;
        await Eventually.IsTrue(async () => !await GetsNothingAsync(_products, gateway));
    }

    [Fact]
    public async Task Replica_Busy_LeavesRequestsToTheOther()
    {
        var open = new TaskCompletionSource();
        _products.Answer = _ => open.Task;
        await using var gateway = StartWithTwoReplicas(LongOpen);
        var waiting = new List<Task<int>>();
        while (_products.Requests.IsEmpty)
        {
            waiting.Add(gateway.GetStatusAsync(Path));
            await Task.WhenAny(waiting[^1], Eventually.IsTrue(() => !_products.Requests.IsEmpty));
        }

        for (var i = 0; i < 20; i++)
            Assert.Equal(200, await gateway.GetStatusAsync(Path));

        Assert.Single(_products.Requests);
        open.SetResult();
        Assert.All(await Task.WhenAll(waiting), status => Assert.Equal(200, status));
    }

    [Fact]
    public async Task Discovery_AddressesChange_NewReplicasAreUsedAndOldOnesDropped()
    {
        await using var gateway = StartWithOneReplica();
        Assert.Equal(200, await gateway.GetStatusAsync(Path));
        Assert.Single(_products.Requests);

        gateway.MoveTo(("products", _twin.Address));

        await Eventually.IsTrue(async () => await gateway.GetStatusAsync(Path) == 200 && _twin.Requests.Count > 10);
        Assert.True(await GetsNothingAsync(_products, gateway));
    }

    [Fact]
    public async Task EventStream_LastsBeyondTimeoutAndBulkhead_UpToSoManyAUser()
    {
        var user = Guid.NewGuid();
        var end = new TaskCompletionSource();
        _products.Answer = async context =>
        {
            if (!context.Request.Path.Value!.EndsWith("events", StringComparison.Ordinal))
                return;
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync("data: 1\n\n");
            await context.Response.Body.FlushAsync();
            await end.Task.WaitAsync(context.RequestAborted);
            await context.Response.WriteAsync("data: 2\n\n");
        };
        await using var gateway = TestGateway.Start(
            [("orders", _products.Address)], ("Resilience:Timeout", "00:00:00.3"), ("Resilience:ConcurrentRequests", "1"), ("RateLimits:StreamsPerUser", "2"));

        var streams = await Task.WhenAll(OpenAsync(), OpenAsync());
        using var third = await OpenAsync();
        using var another = await gateway.SendAsync(HttpMethod.Get, "/api/v1/orders/1/events", Guid.NewGuid(), until: HttpCompletionOption.ResponseHeadersRead);

        await TestGateway.AssertProblemAsync(third, 429);
        Assert.Equal(HttpStatusCode.OK, another.StatusCode);
        await Eventually.IsTrue(async () => await gateway.GetStatusAsync("/api/v1/orders/1", user) == 200);
        await Task.Delay(TimeSpan.FromSeconds(0.5), Cancelled); // longer than the timeout
        end.SetResult();
        foreach (var stream in streams)
        {
            Assert.Equal("data: 1\n\ndata: 2\n\n", await stream.Content.ReadAsStringAsync(Cancelled));
            stream.Dispose();
        }

        Task<HttpResponseMessage> OpenAsync() =>
            gateway.SendAsync(HttpMethod.Get, "/api/v1/orders/1/events", user, until: HttpCompletionOption.ResponseHeadersRead);
    }

    [Fact]
    public async Task EventStream_ClientGoesAway_IsEndedAtTheServiceAndMakesRoom()
    {
        var (user, ended) = (Guid.NewGuid(), new TaskCompletionSource());
        _products.Answer = context => StreamUntilAbortedAsync(context, ended);
        await using var gateway = TestGateway.Start([("orders", _products.Address)], ("RateLimits:StreamsPerUser", "1"));
        var stream = await gateway.SendAsync(HttpMethod.Get, "/api/v1/orders/1/events", user, until: HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(429, await gateway.GetStatusAsync("/api/v1/orders/1/events", user));

        stream.Dispose();

        await ended.Task.WaitAsync(Eventually.Patience, Cancelled);
        _products.Answer = Backend.Status(204);
        await Eventually.IsTrue(async () => await gateway.GetStatusAsync("/api/v1/orders/1/events", user) == 204);
    }

    [Fact]
    public async Task EventStream_GatewayStops_DoesNotHoldItUp()
    {
        var ended = new TaskCompletionSource();
        _products.Answer = context => StreamUntilAbortedAsync(context, ended);
        var gateway = TestGateway.Start([("orders", _products.Address)]);
        using var stream = await gateway.SendAsync(HttpMethod.Get, "/api/v1/orders/1/events", Guid.NewGuid(), until: HttpCompletionOption.ResponseHeadersRead);
        var start = Stopwatch.GetTimestamp();

        await gateway.DisposeAsync();

        await ended.Task.WaitAsync(Eventually.Patience, Cancelled);
        // A server waits half a minute for requests that do not end.
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0, 25);
    }

    private sealed class HasBody : IHttpRequestBodyDetectionFeature
    {
        public bool CanHaveBody => true;
    }

    private static async Task StreamUntilAbortedAsync(HttpContext context, TaskCompletionSource ended)
    {
        context.Response.ContentType = "text/event-stream";
        await context.Response.WriteAsync("data: 1\n\n");
        await context.Response.Body.FlushAsync();
        using var end = context.RequestAborted.Register(ended.SetResult);
        await ended.Task;
    }

    /// <summary>A request whose body says that it has two bytes, and has sent the first.</summary>
    private static async Task<TcpClient> BeginToSendAsync(TestGateway gateway)
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, gateway.Client.BaseAddress!.Port, Cancelled);
        var token = gateway.Tokens.ForUser(Guid.NewGuid(), Roles.Customer);
        var request = $"POST {Path} HTTP/1.1\r\nHost: shop\r\nAuthorization: Bearer {token}\r\nContent-Length: 2\r\n\r\n{{";
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request), Cancelled);
        return client;
    }

    private TestGateway StartWithOneReplica(params (string, string)[] settings) =>
        TestGateway.Start([("products", _products.Address)], [.. Timeless, .. settings]);

    private TestGateway StartWithTwoReplicas(params (string, string)[] settings) =>
        TestGateway.Start([("products", _products.Address), ("products", _twin.Address)], [.. Timeless, .. settings]);

    private static async Task<bool> GetsNothingAsync(Backend backend, TestGateway gateway)
    {
        var before = backend.Requests.Count;
        for (var i = 0; i < 20; i++)
            Assert.Equal(200, await gateway.GetStatusAsync(Path));
        return backend.Requests.Count == before;
    }
}
