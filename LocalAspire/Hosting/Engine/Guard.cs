using System.Diagnostics;
using System.Globalization;

namespace LocalAspire.Hosting.Engine;

/// <summary>
/// A small process that outlives the AppHost by a moment, however it ends, and ends and removes what it left behind.
/// Killed itself, it is replaced.
/// </summary>
internal sealed class Guard(string run, TimeSpan grace) : IAsyncDisposable
{
    private static readonly string Script = Path.Combine(AppContext.BaseDirectory, "local-aspire-guard.sh");
    private readonly Lock _lock = new();
    private readonly List<string> _told = [];
    private Process? _process;
    private bool _isClosing;

    /// <summary>Its process id.</summary>
    public int ProcessId => _process?.Id ?? throw new InvalidOperationException("The guard has not been started.");

    public void Start()
    {
        lock (_lock)
        {
            var start = Session.Wrap("/bin/sh", [Script, run, grace.TotalSeconds.ToString("0", CultureInfo.InvariantCulture)]);
            start.RedirectStandardInput = true;
            start.WorkingDirectory = "/";
            _process = new Process { StartInfo = start, EnableRaisingEvents = true };
            _process.Exited += OnExited;
            _process.Start();
            foreach (var line in _told)
                Write(line);
        }
    }

    /// <summary>Has a process ended when the AppHost is gone.</summary>
    public void Watch(int processId, Stage stage, string signal) =>
        Tell(string.Create(CultureInfo.InvariantCulture, $"process {processId} {(int)stage} {signal}"));

    /// <summary>Has a file or directory removed when the AppHost is gone.</summary>
    public void Remove(string path) => Tell($"remove {path}");

    /// <summary>Has it do its work now, and waits until it is done.</summary>
    public async ValueTask DisposeAsync()
    {
        Process? process;
        lock (_lock)
        {
            _isClosing = true;
            process = _process;
        }
        if (process is null)
            return;
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private void Tell(string line)
    {
        lock (_lock)
        {
            _told.Add(line);
            Write(line);
        }
    }

    private void Write(string line)
    {
        try
        {
            _process?.StandardInput.WriteLine(line);
            _process?.StandardInput.Flush();
        }
        catch (IOException) when (_process!.WaitForExit(TimeSpan.FromSeconds(1)))
        {
            // It was killed: its successor is told everything.
        }
    }

    private void OnExited(object? sender, EventArgs e)
    {
        lock (_lock)
            if (_isClosing)
                return;
        Start();
    }
}

/// <summary>In which order processes are ended.</summary>
internal enum Stage
{
    /// <summary>First: programs that work on the data of servers.</summary>
    Services = 1,
    /// <summary>Last: servers that keep data.</summary>
    Servers = 2,
}
