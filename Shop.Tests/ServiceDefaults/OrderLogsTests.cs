using System.Diagnostics;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Logs;
using Shop.ServiceDefaults.Telemetry;

namespace Shop.Tests.ServiceDefaults;

public sealed class OrderLogsTests : IDisposable
{
    private readonly Sent _sent = new();
    private readonly ILoggerFactory _logs;

    public OrderLogsTests() =>
        _logs = LoggerFactory.Create(logging => logging.AddOpenTelemetry(options => options.AddProcessor(new OrderLogs()).AddProcessor(_sent)));

    [Fact]
    public void Log_WhileAnOrderIsWorkedOn_CarriesTheOrdersId()
    {
        using var consume = new Activity("consume").SetTag("order.id", "42").Start();
        using var query = new Activity("query").Start();

        Write();

        Assert.Contains(new("order.id", "42"), _sent.Attributes);
    }

    [Fact]
    public void Log_WithoutAnOrder_IsLeftAsItIs()
    {
        Write();

        Assert.DoesNotContain("order.id", _sent.Attributes.Select(attribute => attribute.Key));
    }

    public void Dispose() => _logs.Dispose();

    private void Write() => _logs.CreateLogger("Tests").Log(LogLevel.Information, default, "something", null, (text, _) => text);

    private sealed class Sent : BaseProcessor<LogRecord>
    {
        public IReadOnlyList<KeyValuePair<string, object?>> Attributes { get; private set; } = [];

        public override void OnEnd(LogRecord data) => Attributes = data.Attributes ?? [];
    }
}
