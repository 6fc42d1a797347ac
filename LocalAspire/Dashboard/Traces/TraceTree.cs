using LocalAspire.Dashboard.Store;

namespace LocalAspire.Dashboard.Traces;

/// <summary>A span in its place: how deep, and how many spans lie under it, which follow it.</summary>
internal sealed record TraceNode(SpanRecord Span, int Depth, int Descendants);

/// <summary>Puts the spans of a trace into the order of a waterfall.</summary>
internal static class TraceTree
{
    /// <summary>Parents before children, children by their start; a span whose parent is not known stands on top.</summary>
    public static List<TraceNode> Build(IReadOnlyList<SpanRecord> spans)
    {
        var known = new HashSet<ulong>(spans.Select(span => span.Entry.Id));
        var children = spans.ToLookup(span => known.Contains(span.Entry.Parent) && span.Entry.Parent != span.Entry.Id ? span.Entry.Parent : 0);
        var nodes = new List<TraceNode>(spans.Count);
        var placed = new HashSet<SpanRecord>(ReferenceEqualityComparer.Instance);
        Place(children[0]);
        // What is its own ancestor is under no root.
        while (placed.Count < spans.Count)
            Place([spans.First(span => !placed.Contains(span))]);
        return nodes;

        void Place(IEnumerable<SpanRecord> roots)
        {
            // A chain may be deep: no recursion. An entry without a span closes the node whose index it has.
            var open = new Stack<(SpanRecord? Span, int Depth, int Index)>();
            Push(roots, 0);
            while (open.TryPop(out var next))
            {
                if (next.Span is null)
                {
                    nodes[next.Index] = nodes[next.Index] with { Descendants = nodes.Count - next.Index - 1 };
                    continue;
                }
                if (!placed.Add(next.Span))
                    continue;
                open.Push((null, 0, nodes.Count));
                nodes.Add(new TraceNode(next.Span, next.Depth, 0));
                // Two spans with one id share their children: the first has them.
                Push(children[next.Span.Entry.Id], next.Depth + 1);
            }

            void Push(IEnumerable<SpanRecord> siblings, int depth)
            {
                foreach (var span in siblings.OrderByDescending(span => span.Entry.Start))
                    open.Push((span, depth, 0));
            }
        }
    }

    /// <summary>The nodes that are seen while those with these ids hide what lies under them.</summary>
    public static List<TraceNode> Visible(List<TraceNode> nodes, HashSet<ulong> collapsed)
    {
        var visible = new List<TraceNode>(nodes.Count);
        for (var i = 0; i < nodes.Count; i++)
        {
            visible.Add(nodes[i]);
            if (collapsed.Contains(nodes[i].Span.Entry.Id))
                i += nodes[i].Descendants;
        }
        return visible;
    }
}
