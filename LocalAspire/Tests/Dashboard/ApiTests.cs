using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace LocalAspire.Tests.Dashboard;

public class ApiTests(RunningDashboard dashboard) : IClassFixture<RunningDashboard>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Story_OfAnOrder_IsFoundByItsId()
    {
        await SendAsync("traces", Telemetry.Request("orders", Telemetry.Span(41, 1, name: "place order").Tag(9, "order.id", "o-41"), Telemetry.Span(41, 2, parent: 1)));
        await SendAsync("traces", Telemetry.Request("payments", Telemetry.Span(42, 1).Tag(9, "order.id", "o-42")));
        await SendAsync("logs", Telemetry.Request("orders", Telemetry.Log("placed", trace: 41).Tag(6, "order.id", "o-41"), Telemetry.Log("other")));
        using var script = new HttpClient(new HttpClientHandler { CookieContainer = new CookieContainer() }) { BaseAddress = dashboard.Url };
        using var login = await script.GetAsync($"/login?t={RunningDashboard.Token}&returnUrl=/api/status", Stop);

        var traces = await script.GetFromJsonAsync<JsonElement>("/api/traces?q=order.id%20%3D%20o-41", Stop);
        var trace = Assert.Single(traces.EnumerateArray());
        var spans = await script.GetFromJsonAsync<JsonElement>($"/api/traces/{trace.GetProperty("traceId").GetString()}", Stop);
        var logs = await script.GetFromJsonAsync<JsonElement>("/api/logs?q=order.id%20%3D%20o-41", Stop);
        using var unknown = await script.GetAsync("/api/traces/00000000000000000000000000000001", Stop);

        Assert.Equal(("place order", 2), (trace.GetProperty("name").GetString(), trace.GetProperty("spans").GetInt32()));
        Assert.Equal("o-41", spans[0].GetProperty("attributes").GetProperty("order.id").GetString());
        Assert.Equal("placed", Assert.Single(logs.EnumerateArray()).GetProperty("message").GetString());
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        Assert.Equal("application/problem+json", unknown.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Story_WithoutLogin_IsNotTold()
    {
        using var stranger = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = dashboard.Url };
        using var answer = await stranger.GetAsync("/api/traces", Stop);

        Assert.Contains(answer.StatusCode, new[] { HttpStatusCode.Redirect, HttpStatusCode.Unauthorized });
    }

    private async Task SendAsync(string signal, byte[] request)
    {
        using var program = new HttpClient { BaseAddress = dashboard.Http, DefaultRequestHeaders = { { "x-otlp-api-key", RunningDashboard.Key } } };
        using var content = new ByteArrayContent(request) { Headers = { ContentType = new MediaTypeHeaderValue("application/x-protobuf") } };
        using var answer = await program.PostAsync($"/v1/{signal}", content, Stop);
        answer.EnsureSuccessStatusCode();
    }
}
