using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using LocalAspire.Hosting.ApplicationModel;

namespace LocalAspire.Hosting.Engine;

/// <summary>Where an AppHost keeps the data of its servers, and its parameters, from run to run.</summary>
internal static class DataDirectory
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const string OwnerFile = "owner";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>For root a place that other users reach too, because Postgres refuses to run as root.</summary>
    public static string DefaultRoot => Environment.IsPrivilegedProcess ? "/var/lib/local-aspire" : Path.Combine(
        Environment.GetEnvironmentVariable("XDG_DATA_HOME") is { Length: > 0 } configured ? configured
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "share"), "local-aspire");

    /// <summary>The directory of one AppHost.</summary>
    public static string Of(string appHostDirectory, string root)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(appHostDirectory)))[..8];
        return Path.Combine(root, $"{Path.GetFileName(appHostDirectory)}-{hash}");
    }

    /// <summary>Creates a directory that nobody else can look into; of root's, others may pass through to what is theirs.</summary>
    public static void Create(string path) => Directory.CreateDirectory(path, Environment.IsPrivilegedProcess
        ? OwnerOnly | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute : OwnerOnly);

    /// <summary>Creates a directory that is its owner's only.</summary>
    public static void CreatePrivate(string path) => Directory.CreateDirectory(path, OwnerOnly);

    /// <summary>Creates a directory for one run.</summary>
    public static string CreateTemporary(string run)
    {
        var path = Path.Combine(Path.GetTempPath(), $"local-aspire-{run}");
        Create(path);
        return path;
    }

    /// <summary>Makes the kept data this run's own until the result is disposed, or the AppHost ends; null where nothing is kept.</summary>
    /// <exception cref="DistributedApplicationException">Another run has them.</exception>
    public static FileStream? Own(DistributedApplicationModel model, EngineSettings settings, int guardProcessId)
    {
        if (settings.DataDirectory is not { } directory || !model.Resources.Any(r => r.TryGetLastAnnotation<DataVolumeAnnotation>(out _)))
            return null;
        Create(directory);
        var ownership = Own(directory, settings.DataHint);
        using var guard = Process.GetProcessById(guardProcessId);
        File.WriteAllText(Path.Combine(directory, OwnerFile), string.Create(
            CultureInfo.InvariantCulture, $"{Environment.ProcessId} {guardProcessId} {guard.StartTime.ToUniversalTime().Ticks}"));
        return ownership;
    }

    /// <summary>Throws away all that an AppHost keeps, and says what.</summary>
    /// <exception cref="DistributedApplicationException">A run uses it.</exception>
    public static string Reset(EngineSettings settings)
    {
        if (settings.DataDirectory is not { } directory || !Directory.Exists(directory))
            return "There was nothing kept to throw away.";
        using (Own(directory, settings.DataHint))
            Directory.Delete(directory, recursive: true);
        return $"Thrown away: {directory} (data and generated passwords).";
    }

    /// <summary>The lock belongs to an open file: it goes when the AppHost goes, in whatever way.</summary>
    private static FileStream Own(string directory, string hint)
    {
        var ownerFile = Path.Combine(directory, OwnerFile);
        try
        {
            var ownership = new FileStream(Path.Combine(directory, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            AwaitGuardOf(File.Exists(ownerFile) ? File.ReadAllText(ownerFile) : "");
            return ownership;
        }
        catch (IOException e) when (e is not (FileNotFoundException or DirectoryNotFoundException or PathTooLongException))
        {
            var owner = File.Exists(ownerFile) ? File.ReadAllText(ownerFile).Split(' ')[0] : "unknown";
            throw new DistributedApplicationException($"The data in {directory} are in use by another run (process {owner}). {hint}", e);
        }
    }

    /// <summary>A run that was killed is cleaned up by its guard: until then its servers may still work on the data.</summary>
    private static void AwaitGuardOf(string owner)
    {
        if (owner.Split(' ') is not [_, var guardId, var startTicks])
            return;
        try
        {
            using var guard = Process.GetProcessById(int.Parse(guardId, CultureInfo.InvariantCulture));
            var started = new DateTime(long.Parse(startTicks, CultureInfo.InvariantCulture), DateTimeKind.Utc);
            if ((guard.StartTime.ToUniversalTime() - started).Duration() < TimeSpan.FromSeconds(2))
                guard.WaitForExit(Patience);
        }
        catch (ArgumentException)
        {
            // It is gone.
        }
    }
}
