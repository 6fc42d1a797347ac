using System.Xml.Linq;

namespace Shop.Tests.Architecture;

/// <summary>Who may reference whom. Finds the projects by scanning, so that a new one is held to the rules too.</summary>
public sealed class ProjectReferenceTests
{
    private static readonly string Root = Repository.Root;

    private static readonly Dictionary<string, string[]> References = Directory
        .EnumerateFiles(Root, "*.csproj", SearchOption.AllDirectories)
        .ToDictionary(path => Path.GetRelativePath(Root, path).Replace('\\', '/'), ReferencesOf);

    private static IEnumerable<string> Services =>
        References.Keys.Where(project => project.StartsWith("Services/", StringComparison.Ordinal) && !project.Contains("Contracts"));

    [Fact]
    public void Services_Found_AreAtLeastSeven() => Assert.True(Services.Count() >= 7, string.Join(", ", Services));

    /// <summary>What the solution does not name is built in another configuration, and then missed by whoever starts it.</summary>
    [Fact]
    public void Solution_OfAllProjects_NamesEach()
    {
        var solution = File.ReadAllText(Path.Combine(Root, "Shop.sln")).Replace('\\', '/');

        Assert.All(References.Keys, project => Assert.Contains($"\"{project}\"", solution, StringComparison.Ordinal));
    }

    [Fact]
    public void Service_Never_ReferencesAnotherService() =>
        Assert.All(Services, service => Assert.DoesNotContain(References[service], reference => Services.Contains(reference)));

    [Theory]
    [InlineData("Services/Contracts/Shop.Contracts.csproj")]
    [InlineData("Shop.ServiceDefaults/Shop.ServiceDefaults.csproj")]
    public void Foundation_Never_ReferencesAnything(string project) => Assert.Empty(References[project]);

    [Fact]
    public void Messaging_Never_KnowsTheShop() =>
        Assert.All(References["Shop.Messaging/Shop.Messaging.csproj"], reference => Assert.StartsWith("LocalAspire/", reference));

    [Fact]
    public void Gateway_Only_ReferencesTheDefaults() =>
        Assert.Equal(["Shop.ServiceDefaults/Shop.ServiceDefaults.csproj"], References["Shop.Gateway/Shop.Gateway.csproj"]);

    [Fact]
    public void LocalAspire_Never_KnowsTheShop()
    {
        var engine = References.Where(project => project.Key.StartsWith("LocalAspire/", StringComparison.Ordinal)).ToList();

        Assert.NotEmpty(engine);
        Assert.All(engine, project => Assert.All(project.Value, reference => Assert.StartsWith("LocalAspire/", reference)));
    }

    [Theory]
    [InlineData("Shop.ServiceDefaults", "MassTransit")]
    [InlineData("Shop.ServiceDefaults", "Npgsql")]
    [InlineData("Shop.ServiceDefaults", "EntityFrameworkCore")]
    [InlineData("Services/Contracts", "PackageReference")]
    public void Foundation_Never_MentionsWhatItMustNotKnow(string room, string word) =>
        Assert.All(
            Directory.EnumerateFiles(Path.Combine(Root, room), "*.csproj"),
            project => Assert.DoesNotContain(word, File.ReadAllText(project), StringComparison.Ordinal));

    private static string[] ReferencesOf(string project) =>
        [.. XDocument.Load(project).Descendants("ProjectReference")
            .Select(reference => Path.Combine(Path.GetDirectoryName(project)!, reference.Attribute("Include")!.Value))
            .Select(reference => Path.GetRelativePath(Root, Path.GetFullPath(reference)).Replace('\\', '/'))];
}
