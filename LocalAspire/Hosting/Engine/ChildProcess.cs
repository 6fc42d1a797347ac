using System.Diagnostics;
using System.Runtime.InteropServices;

namespace LocalAspire.Hosting.Engine;

/// <summary>How to start a process of a resource, and how to end it.</summary>
/// <param name="FileName">The program: a path, or a name on PATH.</param>
/// <param name="Arguments">Its arguments.</param>
/// <param name="WorkingDirectory">Where it runs.</param>
/// <param name="Environment">What it is given beside the AppHost's own environment.</param>
internal sealed record Launch(
    string FileName, IReadOnlyList<string> Arguments, string WorkingDirectory, IReadOnlyDictionary<string, string> Environment)
{
    /// <summary>The signal that asks it to end: TERM, INT, or KILL for what has nothing to finish.</summary>
    public string StopSignal { get; init; } = "TERM";

    /// <summary>How long it may take to end before it is killed.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>A running process of a resource, in a session of its own: a Ctrl+C in the terminal reaches only the AppHost.</summary>
internal sealed class ChildProcess : IDisposable
{
    /// <summary>Variables of the AppHost that would mislead a child.</summary>
    private static readonly string[] NotInherited =
        ["ASPNETCORE_URLS", "ASPNETCORE_HTTP_PORTS", "HTTP_PORTS", "DOTNET_LAUNCH_PROFILE", "LOCALASPIRE_STARTED_AT", "NOTIFY_SOCKET"];
    private readonly Process _process;
    private readonly Launch _launch;

    private ChildProcess(Process process, Launch launch, Task output) =>
        (_process, _launch, Exited) = (process, launch, WaitAsync(process, output));

    public int Id => _process.Id;

    /// <summary>The exit code; 128 + N when signal N ended it.</summary>
    public Task<int> Exited { get; }

    /// <summary>Starts a process.</summary>
    /// <exception cref="DistributedApplicationException">The program cannot be started.</exception>
    public static ChildProcess Start(Launch launch, string marker, Action<string, bool> onLine)
    {
        if (!Directory.Exists(launch.WorkingDirectory))
            throw new DistributedApplicationException($"The working directory '{launch.WorkingDirectory}' does not exist.");
        var start = Session.Wrap(Session.Find(launch.FileName), launch.Arguments);
        start.WorkingDirectory = launch.WorkingDirectory;
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        foreach (var name in NotInherited)
            start.Environment.Remove(name);
        foreach (var (name, value) in launch.Environment)
            start.Environment[name] = value;
        start.Environment["LOCALASPIRE_RUN"] = marker;
        var process = Process.Start(start)!;
        process.StandardInput.Close();
        return new(process, launch, Task.WhenAll(
            ReadAsync(process.StandardOutput, line => onLine(line, false)), ReadAsync(process.StandardError, line => onLine(line, true))));
    }

    /// <summary>Asks the process to end, and kills it when it takes too long.</summary>
    public async Task StopAsync()
    {
        (string Signal, TimeSpan Timeout)[] steps =
            [(_launch.StopSignal, _launch.StopTimeout), ("QUIT", TimeSpan.FromSeconds(5)), ("KILL", Timeout.InfiniteTimeSpan)];
        foreach (var (signal, timeout) in steps)
        {
            if (Exited.IsCompleted)
                return;
            Session.Signal(Id, signal);
            try
            {
                await Exited.WaitAsync(timeout);
            }
            catch (TimeoutException)
            {
                continue;
            }
            return;
        }
    }

    public void Dispose() => _process.Dispose();

    private static async Task<int> WaitAsync(Process process, Task output)
    {
        await process.WaitForExitAsync();
        // A grandchild may hold the pipe open: what the process itself wrote is here within the blink of an eye.
        await Task.WhenAny(output, Task.Delay(TimeSpan.FromMilliseconds(500)));
        return process.ExitCode;
    }

    private static async Task ReadAsync(StreamReader reader, Action<string> onLine)
    {
        while (await reader.ReadLineAsync() is { } line)
            onLine(line);
    }
}

/// <summary>Starts programs in sessions of their own, and signals them.</summary>
internal static class Session
{
    private static readonly string? Setsid = FindOrNull("setsid");

    /// <summary>A start that keeps the process id: the wrapper becomes the program.</summary>
    public static ProcessStartInfo Wrap(string fileName, IEnumerable<string> arguments) => Setsid is not null
        ? new(Setsid, [fileName, .. arguments])
        : new(Find("perl"), ["-e", "use POSIX; POSIX::setsid(); exec { $ARGV[0] } @ARGV or die \"$ARGV[0]: $!\"", fileName, .. arguments]);

    /// <summary>The path of a program.</summary>
    /// <exception cref="DistributedApplicationException">There is none of that name.</exception>
    public static string Find(string name) => FindOrNull(name)
        ?? throw new DistributedApplicationException($"The program '{name}' was not found{(name.Contains('/') ? "" : " on PATH")}.");

    public static string? FindOrNull(string name) => name.Contains('/') ? (File.Exists(name) ? name : null)
        : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Concat(["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"])
            .Select(directory => Path.Combine(directory, name)).FirstOrDefault(File.Exists);

    /// <summary>Signals one process; one that is gone already is left in peace.</summary>
    public static void Signal(int processId, string signal)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(processId);
        _ = kill(processId, signal switch { "INT" => 2, "QUIT" => 3, "KILL" => 9, "TERM" => 15, _ => throw new ArgumentException(signal) });
    }

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int kill(int processId, int signal);
}
