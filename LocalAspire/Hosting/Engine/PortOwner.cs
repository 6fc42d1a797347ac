using System.Diagnostics;
using System.Globalization;

namespace LocalAspire.Hosting.Engine;

/// <summary>Finds out which process listens on a port.</summary>
internal static class PortOwner
{
    /// <summary>" by process 123 (nginx -g …)", or nothing where that cannot be seen.</summary>
    public static string Describe(int port)
    {
        var owner = OperatingSystem.IsLinux() ? FindInProc(port) : AskLsof(port);
        return owner is { } processId ? $" by process {processId} ({CommandLine(processId)})" : "";
    }

    private static int? FindInProc(int port)
    {
        var hexPort = ":" + port.ToString("X4", CultureInfo.InvariantCulture);
        var sockets = (from table in (string[])["/proc/net/tcp", "/proc/net/tcp6"]
                       where File.Exists(table)
                       from line in File.ReadLines(table).Skip(1)
                       let fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
                       where fields[1].EndsWith(hexPort, StringComparison.Ordinal) && fields[3] == "0A"
                       select $"socket:[{fields[9]}]").ToHashSet();
        return Process.GetProcesses().Select(process => process.Id).FirstOrDefault(id => Sockets(id).Any(sockets.Contains)) is > 0 and var found
            ? found : null;
    }

    private static IEnumerable<string> Sockets(int processId)
    {
        try
        {
            return [.. new DirectoryInfo($"/proc/{processId}/fd").EnumerateFileSystemInfos().Select(fd => fd.LinkTarget).OfType<string>()];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return []; // It ended meanwhile, or belongs to somebody else.
        }
    }

    private static int? AskLsof(int port) =>
        int.TryParse(Output("lsof", "-nP", $"-iTCP:{port}", "-sTCP:LISTEN", "-t").Split('\n')[0], CultureInfo.InvariantCulture, out var id) ? id : null;

    private static string CommandLine(int processId)
    {
        var text = OperatingSystem.IsLinux() && File.Exists($"/proc/{processId}/cmdline")
            ? File.ReadAllText($"/proc/{processId}/cmdline").Replace('\0', ' ').Trim()
            : Output("ps", "-o", "command=", "-p", processId.ToString(CultureInfo.InvariantCulture)).Trim();
        return text.Length > 120 ? text[..120] + "…" : text;
    }

    private static string Output(string program, params string[] arguments)
    {
        if (Session.FindOrNull(program) is not { } path)
            return "";
        using var process = Process.Start(new ProcessStartInfo(path, arguments) { RedirectStandardOutput = true })!;
        return process.StandardOutput.ReadToEnd();
    }
}
