using LocalAspire.Dashboard.Otlp;
using LocalAspire.Dashboard.Traces;

namespace LocalAspire.Tests.Dashboard;

public class TraceTreeTests
{
    [Fact]
    public void Build_SpansInAnyOrder_PutsChildrenUnderTheirParentByStart()
    {
        var nodes = Build(Telemetry.Span(7, 3, parent: 1, from: 8), Telemetry.Span(7, 4, parent: 2, from: 3), Telemetry.Span(7, 2, parent: 1, from: 2), Telemetry.Span(7, 1));

        Assert.Equal([(1UL, 0, 3), (2, 1, 1), (4, 2, 0), (3, 1, 0)], nodes.Select(Shape));
    }

    [Fact]
    public void Build_ParentNotThere_StandsOnTop() =>
        Assert.Equal([(1UL, 0, 0), (5, 0, 1), (6, 1, 0)], Build(Telemetry.Span(7, 5, parent: 99, from: 4), Telemetry.Span(7, 1), Telemetry.Span(7, 6, parent: 5)).Select(Shape));

    [Fact]
    public void Build_SpanThatIsItsOwnAncestor_IsPlacedOnce() =>
        Assert.Equal(new ulong[] { 1, 2, 3 }, Build(Telemetry.Span(7, 1, parent: 2), Telemetry.Span(7, 2, parent: 1), Telemetry.Span(7, 3, parent: 3)).Select(node => node.Span.Entry.Id).Order());

    [Fact]
    public void Build_DeepChain_NeedsNoStack() =>
        Assert.Equal(4_999, Build([.. Enumerable.Range(1, 5_000).Select(id => Telemetry.Span(7, (ulong)id, parent: (ulong)id - 1))])[^1].Depth);

    [Fact]
    public void Visible_CollapsedSpan_HidesWhatLiesUnderIt()
    {
        var nodes = Build(Telemetry.Span(7, 1), Telemetry.Span(7, 2, parent: 1, from: 1), Telemetry.Span(7, 3, parent: 2), Telemetry.Span(7, 4, parent: 1, from: 5));

        Assert.Equal([1UL, 2, 4], TraceTree.Visible(nodes, [2]).Select(node => node.Span.Entry.Id));
    }

    private static List<TraceNode> Build(params WireWriter[] spans)
    {
        var telemetry = new Telemetry(spans: 10_000);
        telemetry.Receive(OtlpSignal.Traces, "orders", spans);
        return TraceTree.Build(telemetry.Spans.Spans(Telemetry.TraceIdOf(7)));
    }

    private static (ulong, int, int) Shape(TraceNode node) => (node.Span.Entry.Id, node.Depth, node.Descendants);
}
