using Google.Protobuf;

namespace Shop.Bench.Dashboard;

/// <summary>Makes OTLP requests with spans such as an order leaves behind: ten a trace, in five services.</summary>
internal sealed class SpanLoad(int spansPerRequest)
{
    private const int SpansPerTrace = 10;
    private static readonly string[] Services = ["gateway", "orders", "users", "inventory", "payments"];

    /// <summary>The order of the newest trace.</summary>
    public string LastOrder { get; private set; } = "";

    /// <summary>A request of its own: spans of several traces, by service.</summary>
    public byte[] Request(int number)
    {
        var spans = Services.Select(_ => new List<byte[]>()).ToArray();
        for (var trace = 0; trace < spansPerRequest / SpansPerTrace; trace++)
        {
            LastOrder = Guid.CreateVersion7().ToString();
            var traceId = Guid.NewGuid().ToByteArray();
            var fails = trace % 20 == 7;
            for (var span = 0; span < SpansPerTrace; span++)
                spans[span % Services.Length].Add(Span(traceId, span, number * 100 + trace, fails && span == 4));
        }
        return Message(request =>
        {
            for (var service = 0; service < Services.Length; service++)
                Write(request, 1, Message(resourceSpans =>
                {
                    Write(resourceSpans, 1, Message(resource => { Tag(resource, 1, "service.name", Services[service]); Tag(resource, 1, "service.instance.id", $"{Services[service]}-1"); }));
                    Write(resourceSpans, 2, Message(scope => spans[service].ForEach(span => Write(scope, 2, span))));
                }));
        });
    }

    private byte[] Span(byte[] trace, int number, int at, bool fails) => Message(span =>
    {
        var start = (ulong)(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1_000_000 + at * 1_000 + number * 2_000_000);
        Write(span, 1, trace);
        Write(span, 2, BitConverter.GetBytes(number + 1L));
        if (number > 0)
            Write(span, 4, BitConverter.GetBytes((number + 1L) / 2));
        Write(span, 5, number == 0 ? "POST /api/v1/orders"u8.ToArray() : "reserve-stock receive"u8.ToArray());
        span.WriteTag(6, WireFormat.WireType.Varint);
        span.WriteInt32(number % 2 == 0 ? 2 : 3);
        span.WriteTag(7, WireFormat.WireType.Fixed64);
        span.WriteFixed64(start);
        span.WriteTag(8, WireFormat.WireType.Fixed64);
        span.WriteFixed64(start + 5_000_000);
        Tag(span, 9, "http.request.method", "POST");
        Tag(span, 9, "url.path", "/api/v1/orders");
        Tag(span, 9, "server.address", "localhost");
        Tag(span, 9, "messaging.system", "rabbitmq");
        Tag(span, 9, "messaging.destination.name", "reserve-stock");
        Tag(span, 9, "db.query.text", "INSERT INTO orders (id, user_id, status, total, currency) VALUES (@p0, @p1, @p2, @p3, @p4)");
        Tag(span, 9, "order.id", LastOrder);
        Write(span, 9, Message(tag => { Write(tag, 1, "http.response.status_code"u8.ToArray()); Write(tag, 2, Message(value => { value.WriteTag(3, WireFormat.WireType.Varint); value.WriteInt64(fails ? 500 : 201); })); }));
        if (fails)
            Write(span, 15, Message(status => { status.WriteTag(3, WireFormat.WireType.Varint); status.WriteInt32(2); }));
    });

    private static void Tag(CodedOutputStream message, int field, string key, string value) => Write(message, field, Message(tag =>
    {
        Write(tag, 1, System.Text.Encoding.UTF8.GetBytes(key));
        Write(tag, 2, Message(any => Write(any, 1, System.Text.Encoding.UTF8.GetBytes(value))));
    }));

    private static void Write(CodedOutputStream message, int field, byte[] bytes)
    {
        message.WriteTag(field, WireFormat.WireType.LengthDelimited);
        message.WriteBytes(UnsafeByteOperations.UnsafeWrap(bytes));
    }

    private static byte[] Message(Action<CodedOutputStream> write)
    {
        using var bytes = new MemoryStream();
        using (var message = new CodedOutputStream(bytes, leaveOpen: true))
            write(message);
        return bytes.ToArray();
    }
}
