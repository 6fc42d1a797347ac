using System.Buffers.Binary;
using LocalAspire.Dashboard.Otlp;
using LocalAspire.Dashboard.Store;

namespace LocalAspire.Tests.Dashboard;

/// <summary>Makes OTLP requests, and a store that takes them.</summary>
internal sealed class Telemetry
{
    /// <summary>A time in nanoseconds; everything begins then.</summary>
    public const ulong Start = 1_700_000_000_000_000_000;

    private readonly OtlpReceiver _receiver;

    public Telemetry(int spans = 1_000, int logs = 1_000, int series = 1_000, TimeProvider? time = null)
    {
        Spans = new SpanStore(spans);
        Logs = new LogStore(logs);
        Metrics = new MetricStore(series, time ?? new FixedTime());
        _receiver = new OtlpReceiver(Resources, Spans, Logs, Metrics);
    }

    public ResourceRegistry Resources { get; } = new();

    public SpanStore Spans { get; }

    public LogStore Logs { get; }

    public MetricStore Metrics { get; }

    public void Receive(OtlpSignal signal, string service, params WireWriter[] items) => _receiver.Receive(signal, Request(service, items));

    public static byte[] Request(string service, params WireWriter[] items)
    {
        var scope = new WireWriter().Add(1, new WireWriter().Add(1, "Tests.Scope").Add(2, "1.0"));
        foreach (var item in items)
            scope.Add(2, item);
        var resource = new WireWriter().Tag(1, "service.name", service).Tag(1, "service.instance.id", $"{service}-1");
        return new WireWriter().Add(1, new WireWriter().Add(1, resource).Add(2, scope)).ToArray();
    }

    /// <summary>A span that lasts from one millisecond to another.</summary>
    public static WireWriter Span(ulong trace, ulong id, ulong parent = 0, string name = "work", ulong from = 0, ulong to = 10, bool isError = false)
    {
        var span = new WireWriter().Add(1, Id(trace, 16)).Add(2, Id(id, 8)).Add(5, name).Number(6, 2)
            .Fixed64(7, Start + from * 1_000_000).Fixed64(8, Start + to * 1_000_000);
        if (parent != 0)
            span.Add(4, Id(parent, 8));
        return isError ? span.Add(15, new WireWriter().Add(2, "it failed").Number(3, 2)) : span;
    }

    public static WireWriter Log(string message, ulong severity = 9, ulong trace = 0, ulong at = 0)
    {
        var log = new WireWriter().Fixed64(1, Start + at * 1_000_000).Number(2, severity).Add(5, new WireWriter().Add(1, message));
        return trace == 0 ? log : log.Add(9, Id(trace, 16)).Add(10, Id(1, 8));
    }

    public static TraceId TraceIdOf(ulong trace) => TraceId.Read(Id(trace, 16));

    public static byte[] Id(ulong number, int length)
    {
        var id = new byte[length];
        BinaryPrimitives.WriteUInt64BigEndian(id.AsSpan(length - 8), number);
        return id;
    }

    private sealed class FixedTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddTicks((long)(Start / 100));
    }
}
