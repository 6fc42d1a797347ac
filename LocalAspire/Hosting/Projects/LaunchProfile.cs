using System.Text.Json;

namespace LocalAspire.Hosting.Projects;

/// <summary>How a project is started from an IDE or by <c>dotnet run</c>: a profile of its launchSettings.json.</summary>
internal sealed record LaunchProfile(
    string? CommandName, string? ApplicationUrl, string? CommandLineArgs, Dictionary<string, string>? EnvironmentVariables)
{
    private static readonly JsonSerializerOptions Lenient = new(JsonSerializerDefaults.Web)
    {
        ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true,
    };

    public string Name { get; private set; } = "";

    /// <summary>The profile asked for; otherwise the preferred one where there is it, else the first.</summary>
    /// <exception cref="DistributedApplicationException">There is no profile of the name asked for.</exception>
    public static LaunchProfile? Read(string projectPath, string? asked, string? preferred)
    {
        var path = Path.Combine(Path.GetDirectoryName(projectPath)!, "Properties", "launchSettings.json");
        var profiles = File.Exists(path) ? JsonSerializer.Deserialize<Settings>(File.ReadAllText(path), Lenient)?.Profiles ?? [] : [];
        foreach (var (name, profile) in profiles)
            profile.Name = name;
        if (asked is not null)
            return profiles.GetValueOrDefault(asked)
                ?? throw new DistributedApplicationException($"{path} has no profile '{asked}'.");
        return profiles.GetValueOrDefault(preferred ?? "") ?? profiles.Values.FirstOrDefault(profile => profile.CommandName == "Project");
    }

    private sealed record Settings(Dictionary<string, LaunchProfile>? Profiles);
}
