using System.Collections.Concurrent;
using System.Diagnostics;

namespace LocalAspire.Tests;

/// <summary>
/// The test AppHost as a program of its own, to be stopped and killed. All that belongs to it can be told by its directory:
/// that is its TMPDIR, and holds its data.
/// </summary>
internal sealed class AppHostProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly Task _reading;
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public AppHostProcess(TestDirectory directory, params string[] args)
    {
        var program = Path.Combine(Projects.Test_AppHost.ProjectPath, AppContext.BaseDirectory.Contains("/Release/") ? "bin/Release" : "bin/Debug",
            "net10.0", "Test.AppHost.dll");
        var start = new ProcessStartInfo("dotnet", [program, "--LocalAspire:DataRoot", Path.Combine(directory.Path, "data"), .. args])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, Environment = { ["TMPDIR"] = directory.Path },
        };
        _process = Process.Start(start)!;
        _reading = Task.WhenAll(ReadAsync(_process.StandardOutput), ReadAsync(_process.StandardError));
    }

    public int Id => _process.Id;

    public string Output => string.Join(Environment.NewLine, _output);

    /// <summary>Waits for the line that says that all is up.</summary>
    public async Task<AppHostProcess> ReadyAsync()
    {
        await Task.WhenAny(_ready.Task, _reading).WaitAsync(TestApplication.Limit);
        Assert.True(_ready.Task.IsCompleted, Output);
        return this;
    }

    public async Task<int> EndAsync(string? signal = null)
    {
        if (signal is not null)
            LocalAspire.Hosting.Engine.Session.Signal(Id, signal);
        await _process.WaitForExitAsync(TestApplication.Limit);
        // Its last lines may come after it; and who has inherited its output may keep that open.
        await Task.WhenAny(_reading, Task.Delay(TimeSpan.FromSeconds(10)));
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            await EndAsync("KILL");
        _process.Dispose();
    }

    private async Task ReadAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            _output.Enqueue(line);
            if (line.StartsWith("ready in ", StringComparison.Ordinal))
                _ready.TrySetResult();
        }
    }
}

/// <summary>A directory for the runs of one test; in the end nothing that mentions it may be left.</summary>
internal sealed class TestDirectory : IDisposable
{
    public TestDirectory()
    {
        Path = Directory.CreateTempSubdirectory("la-test-").FullName;
        File.SetUnixFileMode(Path, File.GetUnixFileMode(Path) | UnixFileMode.OtherExecute | UnixFileMode.GroupExecute); // Postgres may be another user
    }

    public string Path { get; }

    /// <summary>Processes that have the directory in their command line or environment.</summary>
    public IReadOnlyList<string> Processes =>
        [.. from id in Directory.GetDirectories("/proc").Select(System.IO.Path.GetFileName).Where(name => int.TryParse(name, out _))
            let command = Read($"/proc/{id}/cmdline")
            where command.Contains(Path) || Read($"/proc/{id}/environ").Contains(Path)
            select $"{id} {command.Replace('\0', ' ')}"];

    /// <summary>Throw-away directories of runs.</summary>
    public IReadOnlyList<string> RunDirectories => Directory.GetDirectories(Path, "local-aspire-*");

    public async Task NothingIsLeftAsync()
    {
        var limit = TestApplication.Limit;
        while (!limit.IsCancellationRequested && (Processes.Count > 0 || RunDirectories.Count > 0))
            await Task.Delay(100, CancellationToken.None);
        Assert.Empty(Processes);
        Assert.Empty(RunDirectories);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);

    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ""; // it ended meanwhile, or is another user's
        }
    }
}
