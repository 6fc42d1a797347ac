using static Shop.Bench.Dashboard.Otlp;

namespace Shop.Bench.Dashboard;

/// <summary>Makes OTLP requests with spans such as an order leaves behind: ten a trace, in five services.</summary>
internal sealed class SpanLoad(int spansPerRequest)
{
    private const int SpansPerTrace = 10;
    private static readonly string[] Services = ["gateway", "orders", "users", "inventory", "payments"];

    /// <summary>The order of the newest trace.</summary>
    public string LastOrder { get; private set; } = "";

    /// <summary>The newest trace.</summary>
    public string LastTrace { get; private set; } = "";

    /// <summary>A request of its own: spans of several traces, by service.</summary>
    public byte[] Request(int number)
    {
        var spans = Services.Select(_ => new List<byte[]>()).ToArray();
        for (var trace = 0; trace < spansPerRequest / SpansPerTrace; trace++)
        {
            LastOrder = Guid.CreateVersion7().ToString();
            var traceId = Guid.NewGuid().ToByteArray();
            LastTrace = Convert.ToHexStringLower(traceId);
            var fails = trace % 20 == 7;
            for (var span = 0; span < SpansPerTrace; span++)
                spans[span % Services.Length].Add(Span(traceId, span, number * 100 + trace, fails && span == 4));
        }
        return Message(request =>
        {
            for (var service = 0; service < Services.Length; service++)
                AddResource(request, Services[service], "Shop", spans[service]);
        });
    }

    private byte[] Span(byte[] trace, int number, int at, bool fails) => Message(span =>
    {
        var start = Now + (ulong)(at * 1_000 + number * 2_000_000);
        Write(span, 1, trace);
        Write(span, 2, BitConverter.GetBytes(number + 1L));
        if (number > 0)
            Write(span, 4, BitConverter.GetBytes((number + 1L) / 2));
        Write(span, 5, number == 0 ? "POST /api/v1/orders" : "reserve-stock receive");
        Number(span, 6, number % 2 == 0 ? 2 : 3);
        Fixed(span, 7, start);
        Fixed(span, 8, start + 5_000_000);
        Tag(span, 9, "http.request.method", "POST");
        Tag(span, 9, "url.path", "/api/v1/orders");
        Tag(span, 9, "server.address", "localhost");
        Tag(span, 9, "messaging.system", "rabbitmq");
        Tag(span, 9, "messaging.destination.name", "reserve-stock");
        Tag(span, 9, "db.query.text", "INSERT INTO orders (id, user_id, status, total, currency) VALUES (@p0, @p1, @p2, @p3, @p4)");
        Tag(span, 9, "order.id", LastOrder);
        Tag(span, 9, "http.response.status_code", fails ? 500 : 201);
        if (fails)
            Write(span, 15, Message(status => Number(status, 3, 2)));
    });
}
