using LocalAspire.Dashboard.Otlp;
using LocalAspire.Dashboard.Search;
using LocalAspire.Dashboard.Store;

namespace LocalAspire.Tests.Dashboard;

public class LogStoreTests
{
    private readonly Telemetry _telemetry = new();

    [Fact]
    public void Find_ByLevelServiceTraceAndField_GivesNewestFirst()
    {
        _telemetry.Receive(OtlpSignal.Logs, "orders", Telemetry.Log("first", at: 1), Telemetry.Log("third", severity: 17, trace: 7, at: 3).Tag(6, "order.id", "42"));
        _telemetry.Receive(OtlpSignal.Logs, "users", Telemetry.Log("second", severity: 13, at: 2));

        Assert.Equal(["third", "second", "first"], Find(new LogFilter(SearchQuery.Everything)));
        Assert.Equal(["third", "second"], Find(new LogFilter(SearchQuery.Everything, MinSeverity: 13)));
        Assert.Equal(["second"], Find(new LogFilter(SearchQuery.Everything, Service: "users")));
        Assert.Equal(["third"], Find(new LogFilter(SearchQuery.Everything, Trace: Telemetry.TraceIdOf(7))));
        Assert.Equal(["third"], Find(new LogFilter(SearchQuery.Parse("order.id = 42"))));
        Assert.Equal(["second"], Find(new LogFilter(SearchQuery.Parse("level = warning"))));
        Assert.Equal(["first"], Find(new LogFilter(SearchQuery.Parse("FIRST"))));
        Assert.Equal(3, Find(new LogFilter(SearchQuery.Parse("category = tests.scope"))).Length);
    }

    [Fact]
    public void Message_SentAsTemplate_ShowsItsValues()
    {
        _telemetry.Receive(OtlpSignal.Logs, "orders", Telemetry.Log("Order {OrderId} costs {Total:0.00}, {Unknown}").Tag(6, "OrderId", "42").Tag(6, "Total", "9.5"));

        Assert.Equal(["Order 42 costs 9.5, {Unknown}"], Find(new LogFilter(SearchQuery.Everything)));
    }

    [Fact]
    public void Add_MoreThanFits_DropsTheOldest()
    {
        var telemetry = new Telemetry(logs: 100);
        for (var i = 1UL; i <= 300; i++)
            telemetry.Receive(OtlpSignal.Logs, "orders", Telemetry.Log($"number {i}", at: i));

        var found = telemetry.Logs.Find(new LogFilter(SearchQuery.Everything));

        Assert.InRange(found.Length, 100, 116);
        Assert.Equal("number 300", found[0].Message);
    }

    [Fact]
    public void Find_InPackedSegments_GivesTheRecordsThatFit()
    {
        for (var i = 1UL; i <= 300; i++)
            _telemetry.Receive(OtlpSignal.Logs, i % 2 == 0 ? "orders" : "users", Telemetry.Log($"number <{i}>", at: i).Tag(6, "order.id", $"order-{i / 3}"));

        Assert.Equal(["number <7>"], Find(new LogFilter(SearchQuery.Parse("<7>"))));
        Assert.Equal(["number <8>", "number <7>", "number <6>"], Find(new LogFilter(SearchQuery.Parse("order.id = order-2"))));
        Assert.Equal(Enumerable.Range(1, 300).Reverse().Select(i => $"number <{i}>"), Find(new LogFilter(SearchQuery.Everything)));
        Assert.Equal(Enumerable.Range(1, 300).Reverse().Select(i => $"order-{i / 3}"), _telemetry.Logs.Find(new LogFilter(SearchQuery.Everything)).Select(log => log.Attributes[0].Value));
    }

    private string[] Find(LogFilter filter) => [.. _telemetry.Logs.Find(filter).Select(log => log.Message)];
}
