using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using Grpc.Core;
using Grpc.Net.Client;
using LocalAspire.Dashboard.Metrics;
using LocalAspire.Dashboard.Search;
using LocalAspire.Dashboard.Store;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using StatusCode = Grpc.Core.StatusCode;
using TraceFilter = LocalAspire.Dashboard.Store.TraceFilter;

namespace LocalAspire.Tests.Dashboard;

public partial class OtlpTests(RunningDashboard dashboard) : IClassFixture<RunningDashboard>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(OtlpExportProtocol.Grpc)]
    [InlineData(OtlpExportProtocol.HttpProtobuf)]
    public void Telemetry_OfTheOpenTelemetrySdk_Arrives(OtlpExportProtocol protocol)
    {
        var name = $"sdk-{protocol}";
        var order = Guid.NewGuid().ToString();
        using var source = new ActivitySource(name);
        using var meter = new Meter(name);
        var resource = ResourceBuilder.CreateEmpty().AddService(name);
        using (var traces = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource).AddSource(name).AddOtlpExporter(To(protocol, "traces")).Build())
        using (var metrics = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource).AddMeter(name).SetExemplarFilter(ExemplarFilterType.TraceBased).AddOtlpExporter(To(protocol, "metrics")).Build())
        using (var logs = LoggerFactory.Create(builder => builder.AddOpenTelemetry(options => options.SetResourceBuilder(resource).AddOtlpExporter(To(protocol, "logs")))))
        using (var span = source.StartActivity("place order", ActivityKind.Server)!)
        {
            span.SetTag("order.id", order).SetTag("http.response.status_code", 201);
            meter.CreateCounter<long>("orders").Add(3, new KeyValuePair<string, object?>("outcome", "confirmed"));
            meter.CreateHistogram<double>("duration").Record(12);
            var logger = logs.CreateLogger("Shop");
            LogPlaced(logger, order);
        }

        var trace = Assert.Single(dashboard.Spans.Find(new TraceFilter(SearchQuery.Parse($"order.id = {order} http.response.status_code = 201"), Service: name)));
        Assert.Equal("place order", dashboard.Spans.Summarize([trace])[0].Name);
        var log = Assert.Single(dashboard.Logs.Find(new LogFilter(SearchQuery.Parse($"OrderId = {order}"))));
        Assert.Equal(($"Order {order} is placed", trace.Id), (log.Message, log.Entry.Trace));
        Assert.Equal(3, dashboard.Metrics.Read(new InstrumentKey(name, name, "orders"), instrument => instrument.Series.Values.Single().Last.Value));
        Assert.Equal(1, dashboard.Metrics.Read(new InstrumentKey(name, name, "duration"), instrument => instrument.Series.Values.Single().Last.Count));
        Assert.Equal(trace.Id, dashboard.Metrics.Read(new InstrumentKey(name, name, "duration"), instrument => instrument.Exemplars.Single().Trace));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("another-key-than-it-wants")]
    public async Task Telemetry_WithoutTheKey_IsRefused(string? key)
    {
        using var client = new HttpClient { BaseAddress = dashboard.Http };
        foreach (var signal in new[] { "traces", "logs", "metrics" })
        {
            using var request = Request(signal, Telemetry.Request("stranger", Telemetry.Span(666, 1)), key);
            using var answer = await client.SendAsync(request, Stop);
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        }
        foreach (var service in new[] { "trace.v1.TraceService", "logs.v1.LogsService", "metrics.v1.MetricsService" })
            Assert.Equal(StatusCode.Unauthenticated, (await Assert.ThrowsAsync<RpcException>(() => CallAsync(service, [], key))).StatusCode);
        Assert.Empty(dashboard.Spans.Spans(Telemetry.TraceIdOf(666)));
    }

    [Fact]
    public async Task Telemetry_Compressed_Arrives()
    {
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            await gzip.WriteAsync(Telemetry.Request("packed", Telemetry.Span(555, 1)), Stop);
        using var client = new HttpClient { BaseAddress = dashboard.Http };
        using var request = Request("traces", packed.ToArray(), RunningDashboard.Key);
        request.Content!.Headers.ContentEncoding.Add("gzip");

        using var answer = await client.SendAsync(request, Stop);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("application/x-protobuf", answer.Content.Headers.ContentType?.MediaType);
        Assert.Single(dashboard.Spans.Spans(Telemetry.TraceIdOf(555)));
    }

    [Fact]
    public async Task Telemetry_ThatIsNone_IsRefusedWithAReason()
    {
        using var client = new HttpClient { BaseAddress = dashboard.Http };
        using var broken = await client.SendAsync(Request("traces", [0x0a, 0x7f], RunningDashboard.Key), Stop);
        using var text = new HttpRequestMessage(HttpMethod.Post, "/v1/traces") { Content = new StringContent("hello"), Headers = { { "x-otlp-api-key", RunningDashboard.Key } } };
        using var unknown = await client.SendAsync(text, Stop);
        var refused = await Assert.ThrowsAsync<RpcException>(() => CallAsync("trace.v1.TraceService", [0x0a, 0x7f], RunningDashboard.Key));

        Assert.Equal(HttpStatusCode.BadRequest, broken.StatusCode);
        Assert.Contains("ends within a field", await broken.Content.ReadAsStringAsync(Stop));
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, unknown.StatusCode);
        Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Order {OrderId} is placed")]
    private static partial void LogPlaced(ILogger logger, string orderId);

    private Action<OtlpExporterOptions> To(OtlpExportProtocol protocol, string signal) => options =>
    {
        options.Protocol = protocol;
        options.Endpoint = protocol == OtlpExportProtocol.Grpc ? dashboard.Grpc : new Uri(dashboard.Http, $"/v1/{signal}");
        options.Headers = $"x-otlp-api-key={RunningDashboard.Key}";
    };

    private static HttpRequestMessage Request(string signal, byte[] body, string? key)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/{signal}") { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");
        if (key is not null)
            request.Headers.Add("x-otlp-api-key", key);
        return request;
    }

    private async Task<byte[]> CallAsync(string service, byte[] request, string? key)
    {
        using var channel = GrpcChannel.ForAddress(dashboard.Grpc);
        var bytes = Marshallers.Create<byte[]>(message => message, message => message);
        var method = new Method<byte[], byte[]>(MethodType.Unary, $"opentelemetry.proto.collector.{service}", "Export", bytes, bytes);
        var headers = new Metadata();
        if (key is not null)
            headers.Add("x-otlp-api-key", key);
        return await channel.CreateCallInvoker().AsyncUnaryCall(method, null, new CallOptions(headers, cancellationToken: Stop), request);
    }
}
