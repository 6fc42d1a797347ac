using LocalAspire.Dashboard.Otlp;
using LocalAspire.Dashboard.Search;
using LocalAspire.Dashboard.Store;

namespace LocalAspire.Tests.Dashboard;

public class SpanStoreTests
{
    private readonly Telemetry _telemetry = new();

    [Fact]
    public void Trace_FromSeveralServices_IsSummedUp()
    {
        _telemetry.Receive(OtlpSignal.Traces, "orders", Telemetry.Span(7, 2, parent: 1, name: "POST", from: 5, to: 30), Telemetry.Span(7, 3, parent: 2, isError: true));
        _telemetry.Receive(OtlpSignal.Traces, "gateway", Telemetry.Span(7, 1, name: "POST /orders", from: 1, to: 40));

        var trace = Assert.Single(_telemetry.Spans.Summarize(Find("")));

        Assert.Equal("POST /orders", trace.Name);
        Assert.Equal("gateway", trace.Resource.Name);
        Assert.Equal((3, 1), (trace.Spans, trace.Errors));
        Assert.Equal(40_000_000, trace.Duration);
        Assert.Equal([("orders", 2, 1), ("gateway", 1, 0)], trace.Services.Select(share => (share.Name, share.Spans, share.Errors)));
    }

    [Theory]
    [InlineData("order.id = 42", 1)]
    [InlineData("order.id=42", 1)]
    [InlineData("order.id = \"42\"", 1)]
    [InlineData("order.id = 4", 0)]
    [InlineData("order.id ~ 4", 1)]
    [InlineData("order.id != 42", 0)]
    [InlineData("http.response.status_code >= 500", 1)]
    [InlineData("http.response.status_code < 500", 0)]
    [InlineData("order.id = 42 http.response.status_code = 500", 1)]
    [InlineData("order.id = 42 http.response.status_code = 200", 0)]
    [InlineData("user.name = \"ANN of Delft\"", 1)]
    [InlineData("user.name ~ of-delft", 0)]
    [InlineData("is.first = true", 1)]
    [InlineData("share = 0.3333333", 1)]
    [InlineData("digest = 0123456789abcdef0123", 1)]
    [InlineData("exception.type ~ timeout", 1)]
    [InlineData("service.name = orders", 1)]
    [InlineData("name = \"place order\"", 1)]
    [InlineData("status = error", 1)]
    [InlineData("kind = server", 1)]
    [InlineData("duration > 5", 1)]
    [InlineData("PLACE", 1)]
    [InlineData("\"place order\"", 1)]
    [InlineData("zürich", 1)]
    [InlineData("nowhere", 0)]
    [InlineData("00000000000000000000000000000007", 1)]
    [InlineData("", 2)]
    public void Find_ByWordOrCondition_GivesTheTracesThatFit(string query, int expected)
    {
        var happened = new WireWriter().Add(2, "exception").Tag(3, "exception.type", "System.TimeoutException");
        _telemetry.Receive(OtlpSignal.Traces, "orders", Telemetry.Span(7, 1, name: "place order", isError: true)
            .Tag(9, "order.id", "42").Tag(9, "http.response.status_code", 500).Tag(9, "city", "Zürich").Tag(9, "user.name", "Ann of Delft")
            .Add(9, new WireWriter().Add(1, "is.first").Add(2, new WireWriter().Number(2, 1)))
            .Add(9, new WireWriter().Add(1, "share").Add(2, new WireWriter().Double(4, 0.3333333)))
            .Add(9, new WireWriter().Add(1, "digest").Add(2, new WireWriter().Add(7, [0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0x01, 0x23]))).Add(11, happened));
        _telemetry.Receive(OtlpSignal.Traces, "users", new WireWriter().Add(1, Telemetry.Id(8, 16)).Add(2, Telemetry.Id(9, 8)).Add(5, "other"));

        Assert.Equal(expected, Find(query).Length);
    }

    [Fact]
    public void Find_ByServiceErrorsAndDuration_LooksAtTheWholeTrace()
    {
        _telemetry.Receive(OtlpSignal.Traces, "orders", Telemetry.Span(1, 1, to: 100), Telemetry.Span(2, 1, to: 5, isError: true));
        _telemetry.Receive(OtlpSignal.Traces, "users", Telemetry.Span(1, 2, parent: 1, from: 1, to: 2));

        Assert.Equal([1UL], Find(new TraceFilter(SearchQuery.Everything, Service: "users")));
        Assert.Equal([2UL], Find(new TraceFilter(SearchQuery.Everything, ErrorsOnly: true)));
        Assert.Equal([1UL], Find(new TraceFilter(SearchQuery.Everything, MinDuration: TimeSpan.FromMilliseconds(50))));
        Assert.Empty(Find(new TraceFilter(SearchQuery.Parse("name = work"), Service: "users", ErrorsOnly: true)));

        ulong[] Find(TraceFilter filter) => [.. _telemetry.Spans.Find(filter).Select(trace => trace.Id.Low)];
    }

    [Fact]
    public void Add_MoreThanFits_DropsTheOldestAndKeepsTheRest()
    {
        var telemetry = new Telemetry(spans: 100);
        for (var trace = 1UL; trace <= 500; trace++)
            telemetry.Receive(OtlpSignal.Traces, "orders", Telemetry.Span(trace, 1, from: trace).Tag(9, "number", (long)trace));

        Assert.InRange(telemetry.Spans.Count, 100, 116);
        var traces = telemetry.Spans.Find(new TraceFilter(SearchQuery.Everything));
        Assert.Equal(telemetry.Spans.Count, traces.Length);
        Assert.Equal(500UL, traces[0].Id.Low);
        Assert.Single(telemetry.Spans.Find(new TraceFilter(SearchQuery.Parse("number = 450"))));
        Assert.Empty(telemetry.Spans.Find(new TraceFilter(SearchQuery.Parse("number = 1"))));
    }

    [Fact]
    public void Spans_OfATraceInSeveralPackedSegments_AreAsTheyCame()
    {
        for (var span = 1UL; span <= 300; span++)
            _telemetry.Receive(OtlpSignal.Traces, "orders", Telemetry.Span(1 + span % 2, span, name: $"step {span}").Tag(9, "number", (long)span));

        var spans = _telemetry.Spans.Spans(Telemetry.TraceIdOf(2));

        Assert.Equal(Enumerable.Range(0, 150).Select(i => $"step {i * 2 + 1}"), spans.Select(span => span.Name));
        Assert.All(spans, span => Assert.Equal([new Tag("number", $"{span.Entry.Id}")], span.Read().Attributes));
        Assert.Equal([2UL], Find("number = 77 \"step 77\"").Select(trace => trace.Id.Low));
    }

    [Fact]
    public void Add_LargeSpans_KeepsFewer()
    {
        var telemetry = new Telemetry(spans: 100);
        for (var trace = 1UL; trace <= 100; trace++)
            telemetry.Receive(OtlpSignal.Traces, "orders", Telemetry.Span(trace, 1).Tag(9, "large", new string('x', 20_000)));

        Assert.InRange(telemetry.Spans.Count, 5, 25);
    }

    [Fact]
    public void Trace_LongerThanTheStoreRemembers_GoesOnWithWhatIsLeft()
    {
        var telemetry = new Telemetry(spans: 100);
        for (var span = 1UL; span <= 300; span++)
            telemetry.Receive(OtlpSignal.Traces, "orders", Telemetry.Span(7, span, from: span, to: span + 1));

        var trace = Assert.Single(telemetry.Spans.Summarize(telemetry.Spans.Find(new TraceFilter(SearchQuery.Everything))));
        Assert.Equal(telemetry.Spans.Count, trace.Spans);
        Assert.Equal(trace.Spans * 1_000_000L, trace.Duration);
        Assert.Equal(300UL, telemetry.Spans.Spans(trace.Id)[^1].Entry.Id);
    }

    [Fact]
    public void Span_WithoutTraceId_IsRefused() =>
        Assert.Throws<InvalidDataException>(() => _telemetry.Receive(OtlpSignal.Traces, "orders", new WireWriter().Add(5, "nameless")));

    [Fact]
    public void Read_Span_GivesAttributesEventsLinksAndStatus()
    {
        _telemetry.Receive(OtlpSignal.Traces, "orders", Telemetry.Span(7, 1, isError: true).Tag(9, "a", "b")
            .Add(11, new WireWriter().Fixed64(1, Telemetry.Start).Add(2, "retry").Tag(3, "attempt", 2))
            .Add(13, new WireWriter().Add(1, Telemetry.Id(9, 16)).Add(2, Telemetry.Id(4, 8))));

        var details = Assert.Single(_telemetry.Spans.Spans(Telemetry.TraceIdOf(7))).Read();

        Assert.Equal([new Tag("a", "b")], details.Attributes);
        Assert.Equal(("retry", new Tag("attempt", "2")), (details.Events[0].Name, details.Events[0].Attributes[0]));
        Assert.Equal([new SpanLink(Telemetry.TraceIdOf(9), 4)], details.Links);
        Assert.Equal("it failed", details.StatusMessage);
    }

    [Fact]
    public void Clear_WhileTracesAreShown_LeavesNothingToShow()
    {
        _telemetry.Receive(OtlpSignal.Traces, "orders", Telemetry.Span(7, 1));
        var shown = Find("");

        _telemetry.Spans.Clear();

        Assert.Empty(Find(""));
        Assert.Empty(_telemetry.Spans.Summarize(shown));
    }

    private Trace[] Find(string query) => _telemetry.Spans.Find(new TraceFilter(SearchQuery.Parse(query)));
}
