using System.Collections.Concurrent;
using System.Globalization;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Shop.Tests.WholeSystem;

/// <summary>A span as it came over the wire.</summary>
internal sealed record ReceivedSpan(
    string Service, string TraceId, string SpanId, string ParentId, string Name, ulong Start, IReadOnlyDictionary<string, string> Attributes);

/// <summary>Takes the traces that the whole system sends (OTLP over HTTP), and reads of them what tests look at.</summary>
public sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly ConcurrentBag<ReceivedSpan> _spans = [];
    private readonly WebApplication _app;

    private OtlpReceiver(WebApplication app) => _app = app;

    public string Address => _app.Urls.Single();

    internal IReadOnlyCollection<ReceivedSpan> Spans => _spans;

    public static async Task<OtlpReceiver> StartAsync()
    {
        // Empty: the settings of a service lie beside the tests.
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var receiver = new OtlpReceiver(builder.Build());
        receiver._app.MapPost("/v1/{signal}", receiver.ReceiveAsync);
        await receiver._app.StartAsync();
        return receiver;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task ReceiveAsync(HttpContext context, string signal)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        context.Response.ContentType = "application/x-protobuf";
        if (signal == "traces")
            Read(body.ToArray(), (1, ReadResource));
    }

    /// <summary>ResourceSpans: 1 the resource with its attributes, 2 the scopes with their spans.</summary>
    private void ReadResource(ByteString bytes)
    {
        var (attributes, spans) = (new Dictionary<string, string>(), new List<ByteString>());
        Read(
            bytes.ToByteArray(),
            (1, resource => Read(resource.ToByteArray(), (1, attribute => Add(attributes, attribute)))),
            (2, scope => Read(scope.ToByteArray(), (2, spans.Add))));
        spans.ForEach(span => ReadSpan(attributes["service.name"], span));
    }

    private void ReadSpan(string service, ByteString bytes)
    {
        string traceId = "", spanId = "", parentId = "", name = "";
        ulong start = 0;
        var attributes = new Dictionary<string, string>();
        var input = bytes.CreateCodedInput();
        while (input.ReadTag() is > 0 and var tag)
        {
            switch (WireFormat.GetTagFieldNumber(tag))
            {
                case 1: traceId = Hex(input.ReadBytes()); break;
                case 2: spanId = Hex(input.ReadBytes()); break;
                case 4: parentId = Hex(input.ReadBytes()); break;
                case 5: name = input.ReadString(); break;
                case 7: start = input.ReadFixed64(); break;
                case 9: Add(attributes, input.ReadBytes()); break;
                default: input.SkipLastField(); break;
            }
        }

        _spans.Add(new ReceivedSpan(service, traceId, spanId, parentId, name, start, attributes));
    }

    /// <summary>KeyValue: 1 the key, 2 the value, of which 1 is text, 2 a truth value, 3 an integer, 4 a number.</summary>
    private static void Add(Dictionary<string, string> attributes, ByteString bytes)
    {
        string key = "", value = "";
        var input = bytes.CreateCodedInput();
        while (input.ReadTag() is > 0 and var tag)
        {
            if (WireFormat.GetTagFieldNumber(tag) == 1)
                key = input.ReadString();
            else
                value = ReadValue(input.ReadBytes().CreateCodedInput());
        }

        attributes[key] = value;
    }

    private static string ReadValue(CodedInputStream input) => WireFormat.GetTagFieldNumber(input.ReadTag()) switch
    {
        1 => input.ReadString(),
        2 => input.ReadBool().ToString(),
        3 => input.ReadInt64().ToString(CultureInfo.InvariantCulture),
        4 => input.ReadDouble().ToString(CultureInfo.InvariantCulture),
        _ => "",
    };

    private static void Read(byte[] message, params (int Field, Action<ByteString> Take)[] fields)
    {
        var input = new CodedInputStream(message);
        while (input.ReadTag() is > 0 and var tag)
        {
            if (fields.FirstOrDefault(field => field.Field == WireFormat.GetTagFieldNumber(tag)).Take is { } take)
                take(input.ReadBytes());
            else
                input.SkipLastField();
        }
    }

    private static string Hex(ByteString bytes) => Convert.ToHexStringLower(bytes.Span);
}
