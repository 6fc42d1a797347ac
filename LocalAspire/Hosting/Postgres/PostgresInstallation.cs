using System.Globalization;
using LocalAspire.Hosting.Engine;

namespace LocalAspire.Hosting.Postgres;

/// <summary>A Postgres installed on this machine.</summary>
/// <param name="Directory">Where <c>postgres</c> and <c>initdb</c> are.</param>
internal sealed record PostgresInstallation(string Directory)
{
    private static readonly string[] Roots = ["/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt"];

    /// <summary>The installation to use: the one on PATH, else the newest; for existing data one of their version.</summary>
    /// <param name="version">The major version of existing data, or null.</param>
    /// <exception cref="DistributedApplicationException">There is none.</exception>
    public static PostgresInstallation Find(string? version)
    {
        var found = OnPath().Concat(Installed()).Where(directory => File.Exists(Path.Combine(directory, "initdb"))).Distinct().ToList();
        if (found.Count == 0)
            throw new DistributedApplicationException(OperatingSystem.IsMacOS()
                ? "No Postgres server was found. Install it: brew install postgresql@17"
                : "No Postgres server was found. Install it: sudo apt-get install postgresql (Debian, Ubuntu), or put 'postgres' on PATH.");
        return version is null ? new(found[0]) : found.Where(directory => MajorVersion(directory) == version).Select(d => new PostgresInstallation(d))
            .FirstOrDefault() ?? throw new DistributedApplicationException(
                $"The data were made by Postgres {version}, which is not installed (found: {string.Join(", ", found)}). "
                + "Install that version, or throw the data away.");
    }

    private static IEnumerable<string> OnPath() => Session.FindOrNull("postgres") is { } path
        ? [Path.GetDirectoryName(new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? path)!] : [];

    private static IEnumerable<string> Installed() =>
        from root in Roots
        where System.IO.Directory.Exists(root)
        from directory in System.IO.Directory.GetDirectories(root)
        where root == Roots[0] || Path.GetFileName(directory).StartsWith("postgresql", StringComparison.Ordinal)
        orderby double.TryParse(Path.GetFileName(directory).Split('@')[^1], CultureInfo.InvariantCulture, out var version) ? version : 0 descending
        select Path.Combine(directory, "bin");

    private static string MajorVersion(string directory)
    {
        using var process = System.Diagnostics.Process.Start(
            new System.Diagnostics.ProcessStartInfo(Path.Combine(directory, "postgres"), "--version") { RedirectStandardOutput = true })!;
        return process.StandardOutput.ReadToEnd().Split(' ')[2].Split('.')[0].Trim();
    }
}
