using LocalAspire.Protocol;

namespace LocalAspire.Dashboard.Resources;

/// <summary>A row of the table: a resource, or one of its replicas.</summary>
/// <param name="Resource">What it shows; of a resource with replicas the first.</param>
/// <param name="Title">Its name.</param>
/// <param name="Depth">How far it is indented.</param>
/// <param name="Replicas">All replicas, where the row stands for them.</param>
internal sealed record ResourceRow(Resource Resource, string Title, int Depth, Resource[] Replicas)
{
    /// <summary>Whether the row stands for several processes.</summary>
    public bool IsGroup => Replicas.Length > 1;
}

/// <summary>Puts resources in the order in which people look for them, and says how each of them is.</summary>
internal static class ResourceList
{
    /// <summary>The rows: what belongs to another resource stands below it, and so do replicas.</summary>
    public static List<ResourceRow> Rows(Resource[] all)
    {
        var rows = new List<ResourceRow>();
        var names = all.Select(resource => resource.Name).ToHashSet();
        var byParent = all.GroupBy(resource => resource.Name).ToLookup(group => ParentOf(group.First()) is { } parent && names.Contains(parent) ? parent : "");
        var shown = new HashSet<string>();
        Add("", 0);
        return rows;

        void Add(string parent, int depth)
        {
            foreach (var group in byParent[parent].Where(group => shown.Add(group.Key)))
            {
                Resource[] replicas = [.. group];
                rows.Add(new(replicas[0], group.Key, depth, replicas));
                if (replicas.Length > 1)
                    rows.AddRange(replicas.Select(replica => new ResourceRow(replica, replica.Id, depth + 1, [replica])));
                Add(group.Key, depth + 1);
            }
        }
    }

    /// <summary>The resource's name; of several replicas the id.</summary>
    public static string TitleOf(Resource resource, Resource[] all) =>
        all.Count(other => other.Name == resource.Name) > 1 ? resource.Id : resource.Name;

    /// <summary>The icon of a kind of resource.</summary>
    public static string IconOf(Resource resource) => resource.Type switch
    {
        "Project" => "deployed_code",
        "Executable" => "terminal",
        "PostgresServer" => "dns",
        "PostgresDatabase" => "database",
        "RabbitMQServer" => "forum",
        _ => "widgets",
    };

    /// <summary>How a resource is, in a word for people, and the class of its colour.</summary>
    public static (string Text, string Class) StateOf(Resource resource) => resource.State switch
    {
        "Running" when resource.Health == "Healthy" => ("Running", "ok"),
        "Running" => ("Running", "warn"),
        "Exited" or "FailedToStart" when resource.Failure.Length > 0 => (resource.State == "Exited" ? $"Failed ({resource.ExitCode})" : "Failed to start", "bad"),
        "Starting" or "Waiting" or "Stopping" => (resource.State, "busy"),
        "NotStarted" => ("Not started", "off"),
        var state => (state, "off"),
    };

    /// <summary>The worst of several, as one.</summary>
    public static Resource WorstOf(Resource[] replicas) => replicas.MaxBy(replica => StateOf(replica).Class switch { "ok" => 0, "off" => 1, "busy" => 2, "warn" => 3, _ => 4 })!;

    private static string? ParentOf(Resource resource) => resource.Relationships.FirstOrDefault(other => other.Type == "Parent" && other.Name != resource.Name)?.Name;
}
