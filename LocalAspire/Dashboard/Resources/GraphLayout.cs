using System.Globalization;
using LocalAspire.Protocol;

namespace LocalAspire.Dashboard.Resources;

/// <summary>A resource in the graph.</summary>
internal sealed class GraphNode(string name, Resource[] replicas)
{
    public string Name { get; } = name;

    public Resource[] Replicas { get; } = replicas;

    public int Column { get; set; }

    public double Row { get; set; }

    public int X => Column * (GraphLayout.NodeWidth + GraphLayout.ColumnGap);

    public int Y => (int)(Row * (GraphLayout.NodeHeight + GraphLayout.RowGap));
}

/// <summary>What one resource has to do with another.</summary>
internal sealed record GraphEdge(GraphNode From, GraphNode To, string Type)
{
    /// <summary>The curve, as SVG draws it.</summary>
    public string Path
    {
        get
        {
            var (x1, y1) = (From.X + GraphLayout.NodeWidth, From.Y + GraphLayout.NodeHeight / 2);
            var (x2, y2) = (To.X, To.Y + GraphLayout.NodeHeight / 2);
            var bend = Math.Max(GraphLayout.ColumnGap / 2, (x2 - x1) / 3);
            return string.Create(CultureInfo.InvariantCulture, $"M{x1} {y1}C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}");
        }
    }
}

/// <summary>
/// Lays resources out in columns: each stands left of all that it needs, and in a column near what it is connected with. Waits that follow
/// from a reference are left out.
/// </summary>
internal sealed class GraphLayout
{
    public const int NodeWidth = 148, NodeHeight = 52, ColumnGap = 36, RowGap = 18;
    private const int Sweeps = 6;

    public GraphLayout(Resource[] resources)
    {
        Nodes = [.. resources.GroupBy(resource => resource.Name).Select(group => new GraphNode(group.Key, [.. group]))];
        var byName = Nodes.ToDictionary(node => node.Name);
        Edges = [.. from node in Nodes
            from other in node.Replicas[0].Relationships
            where other.Name != node.Name && byName.ContainsKey(other.Name)
            group other.Type by (From: node, To: byName[other.Name]) into edge
            select new GraphEdge(edge.Key.From, edge.Key.To, edge.Contains("Parent") ? "Parent" : edge.Contains("Reference") ? "Reference" : "WaitFor")];
        PlaceColumns();
        PlaceRows();
        Width = Nodes.Count == 0 ? 0 : Nodes.Max(node => node.X) + NodeWidth;
        Height = Nodes.Count == 0 ? 0 : Nodes.Max(node => node.Y) + NodeHeight;
    }

    public IReadOnlyList<GraphNode> Nodes { get; }

    public IReadOnlyList<GraphEdge> Edges { get; }

    public int Width { get; }

    public int Height { get; }

    /// <summary>A node's column is as far from the right as the longest way from it is long; an edge that closes a circle does not count.</summary>
    private void PlaceColumns()
    {
        var needs = Edges.ToLookup(edge => edge.From, edge => edge.To);
        var lengths = new Dictionary<GraphNode, int>();
        var path = new HashSet<GraphNode>();
        var longest = Nodes.Select(Length).DefaultIfEmpty().Max();
        foreach (var node in Nodes)
            node.Column = longest - lengths[node];

        int Length(GraphNode node)
        {
            if (lengths.TryGetValue(node, out var known))
                return known;
            path.Add(node);
            var length = needs[node].Where(next => !path.Contains(next)).Select(next => Length(next) + 1).DefaultIfEmpty().Max();
            path.Remove(node);
            return lengths[node] = length;
        }
    }

    /// <summary>Orders each column by the middle of what its nodes are connected with, again and again, and centres it.</summary>
    private void PlaceRows()
    {
        GraphNode[][] columns = [.. Nodes.GroupBy(node => node.Column).OrderBy(column => column.Key).Select(column => column.ToArray())];
        var tallest = columns.Select(column => column.Length).DefaultIfEmpty().Max();
        var neighbours = Edges.SelectMany(edge => new[] { (edge.From, edge.To), (From: edge.To, To: edge.From) }).ToLookup(pair => pair.From, pair => pair.To);
        foreach (var column in columns)
            Place(column);
        for (var sweep = 0; sweep < Sweeps; sweep++)
            foreach (var column in sweep % 2 == 0 ? columns : columns.Reverse())
                Place([.. column.OrderBy(node => neighbours[node].Select(other => other.Row).DefaultIfEmpty(node.Row).Average())]);

        void Place(GraphNode[] column)
        {
            for (var i = 0; i < column.Length; i++)
                column[i].Row = i + (tallest - column.Length) / 2.0;
        }
    }
}
