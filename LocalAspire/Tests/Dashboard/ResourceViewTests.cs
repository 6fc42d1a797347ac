extern alias dashboard;
using LocalAspire.Dashboard.Consoles;
using LocalAspire.Dashboard.Resources;
using Relationship = dashboard::LocalAspire.Protocol.Relationship;
using Resource = dashboard::LocalAspire.Protocol.Resource;

namespace LocalAspire.Tests.Dashboard;

/// <summary>How resources and their consoles are put before people.</summary>
public sealed class ResourceViewTests
{
    [Fact]
    public void Rows_OfReplicasAndChildren_StandBelowWhatTheyBelongTo()
    {
        var rows = ResourceList.Rows([Of("postgres"), Of("orders", 0, "ordersdb"), Of("orders", 1, "ordersdb"), Child("ordersdb", "postgres")]);

        Assert.Equal([("postgres", 0), ("ordersdb", 1), ("orders", 0), ("orders-0", 1), ("orders-1", 1)], rows.Select(row => (row.Title, row.Depth)));
        Assert.Equal(2, rows[2].Replicas.Length);
    }

    [Theory]
    [InlineData("Running", "Healthy", "", "Running", "ok")]
    [InlineData("Running", "Unhealthy", "", "Running", "warn")]
    [InlineData("Exited", "", "", "Exited", "off")]
    [InlineData("Exited", "", "it died", "Failed (7)", "bad")]
    [InlineData("FailedToStart", "", "no such file", "Failed to start", "bad")]
    [InlineData("Waiting", "", "", "Waiting", "busy")]
    public void State_OfAResource_IsSaidInWordsAndColour(string state, string health, string failure, string text, string kind) =>
        Assert.Equal((text, kind), ResourceList.StateOf(new Resource { State = state, Health = health, Failure = failure, ExitCode = 7 }));

    [Fact]
    public void Graph_OfResources_PutsEachLeftOfWhatItNeeds()
    {
        var graph = new GraphLayout([Of("gateway", 0, "orders", "users"), Of("orders", 0, "users", "broker"), Of("users", 0, "users"), Of("broker")]);

        Assert.All(graph.Edges, edge => Assert.True(edge.From.Column < edge.To.Column, $"{edge.From.Name} → {edge.To.Name}"));
        Assert.Equal(4, graph.Edges.Count); // none from users to itself
        Assert.Equal(graph.Nodes.Count, graph.Nodes.Select(node => (node.X, node.Y)).Distinct().Count());
    }

    [Fact]
    public void Graph_WithACircle_IsStillDrawn()
    {
        var graph = new GraphLayout([Of("a", 0, "b"), Of("b", 0, "c"), Of("c", 0, "a")]);

        Assert.Equal(3, graph.Nodes.Select(node => node.Column).Distinct().Count());
    }

    [Fact]
    public void Ansi_Colours_BecomeRuns()
    {
        var runs = Ansi.Parse("\e[40m\e[32minfo\e[39m\e[22m\e[49m: text \e[1;38;2;255;128;0mbold\e[0m plain\e[K\e]0;title\a");

        Assert.Equal(["info", ": text ", "bold", " plain"], runs.Select(run => run.Text));
        Assert.Equal(["a2 on-a0", null, "bold", null], runs.Select(run => run.Class));
        Assert.Equal("color:#ff8000;", runs[2].Style);
    }

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("\e[31mred\e[0m", "red")]
    [InlineData("\e[38;5mcut short", "cut short")]
    [InlineData("ends in \e", "ends in ")]
    public void Ansi_Strip_LeavesTheText(string line, string text)
    {
        Assert.Equal(text, Ansi.Strip(line));
        Assert.Equal(text, string.Concat(Ansi.Parse(line).Select(run => run.Text)));
    }

    private static Resource Of(string name, int replica = 0, params string[] needs) =>
        new() { Id = $"{name}-{replica}", Name = name, Replica = replica, Relationships = { needs.Select(other => new Relationship { Name = other, Type = "Reference" }) } };

    private static Resource Child(string name, string parent) => new() { Id = name, Name = name, Relationships = { new Relationship { Name = parent, Type = "Parent" } } };
}
