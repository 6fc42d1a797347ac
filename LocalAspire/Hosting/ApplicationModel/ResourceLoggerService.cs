using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using System.Threading.Channels;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace LocalAspire.Hosting.ApplicationModel;

/// <summary>
/// Keeps what each process wrote to its console: the last 4,000 lines, and all of this run in files below
/// <c>LocalAspire:LogDirectory</c>, where that is configured.
/// </summary>
public sealed class ResourceLoggerService(IConfiguration configuration, TimeProvider time) : IDisposable
{
    private readonly string? _directory = configuration["LocalAspire:LogDirectory"];
    private readonly ConcurrentDictionary<string, ResourceLog> _logs = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>A logger that writes into the console log of a resource.</summary>
    /// <param name="resourceName">A resource id.</param>
    public ILogger GetLogger(string resourceName) => LogOf(resourceName);

    /// <inheritdoc cref="GetLogger(string)"/>
    public ILogger GetLogger(IResource resource) => LogOf(resource.Name);

    /// <summary>The lines kept, in one batch.</summary>
    /// <param name="resourceName">A resource id.</param>
    public async IAsyncEnumerable<IReadOnlyList<LogLine>> GetAllAsync(string resourceName)
    {
        await Task.CompletedTask;
        yield return LogOf(resourceName).Tail(int.MaxValue);
    }

    /// <summary>The lines kept, and from then on each new one.</summary>
    /// <param name="resourceName">A resource id.</param>
    /// <param name="cancellationToken">Ends the watch.</param>
    public IAsyncEnumerable<IReadOnlyList<LogLine>> WatchAsync(string resourceName, CancellationToken cancellationToken = default) =>
        LogOf(resourceName).WatchAsync(cancellationToken);

    /// <summary>Closes the files.</summary>
    public void Dispose()
    {
        foreach (var log in _logs.Values)
            log.Dispose();
    }

    /// <summary>Removes what an earlier run wrote.</summary>
    internal void RemoveOldFiles()
    {
        if (!Directory.Exists(_directory))
            return;
        foreach (var file in Directory.EnumerateFiles(_directory, "*.log"))
            File.Delete(file);
    }

    internal ResourceLog LogOf(string resourceId) => _logs.GetOrAdd(
        resourceId, id => new(string.IsNullOrEmpty(_directory) ? null : Path.Combine(_directory, $"{id}.log"), time));
}

/// <summary>A line of a console log.</summary>
/// <param name="LineNumber">Counted from 1, over all restarts of the process.</param>
/// <param name="Content">The text, without its end.</param>
/// <param name="IsErrorMessage">Whether it came from standard error.</param>
public readonly record struct LogLine(int LineNumber, string Content, bool IsErrorMessage)
{
    /// <summary>When it was written, in UTC.</summary>
    internal DateTime Time { get; init; }
}

/// <summary>The console log of one process, over all its restarts.</summary>
internal sealed partial class ResourceLog(string? path, TimeProvider time) : ILogger, IDisposable
{
    private const int Kept = 4_000;
    private readonly Lock _lock = new();
    private readonly Queue<LogLine> _lines = new();
    private readonly List<Channel<IReadOnlyList<LogLine>>> _watchers = [];
    private int _count;
    private StreamWriter? _file;
    private bool _isClosed;

    /// <summary>How many lines there ever were.</summary>
    public int Count => _count;

    public void Add(string content, bool isError)
    {
        lock (_lock)
        {
            var line = new LogLine(++_count, content, isError) { Time = time.GetUtcNow().UtcDateTime };
            _lines.Enqueue(line);
            if (_lines.Count > Kept)
                _lines.Dequeue();
            foreach (var watcher in _watchers)
                watcher.Writer.TryWrite([line]);
            if (path is not null && !_isClosed)
                (_file ??= Open(path)).WriteLine(content.Contains('\e') ? Colours().Replace(content, "") : content);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _isClosed = true;
            _file?.Dispose();
        }
    }

    public IReadOnlyList<LogLine> Tail(int count)
    {
        lock (_lock)
            return [.. _lines.Skip(Math.Max(0, _lines.Count - count))];
    }

    public async IAsyncEnumerable<IReadOnlyList<LogLine>> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Whoever reads too slowly misses lines, which their numbers tell: it must not fill the memory.
        var channel = Channel.CreateBounded<IReadOnlyList<LogLine>>(new BoundedChannelOptions(Kept) { SingleReader = true, FullMode = BoundedChannelFullMode.DropOldest });
        lock (_lock)
        {
            if (_lines.Count > 0)
                channel.Writer.TryWrite([.. _lines]);
            _watchers.Add(channel);
        }
        try
        {
            await foreach (var lines in channel.Reader.ReadAllAsync(cancellationToken))
                yield return lines;
        }
        finally
        {
            lock (_lock)
                _watchers.Remove(channel);
        }
    }

    /// <summary>Not before there is something to write: a run that cannot start must not empty the files of the one that is in its way.</summary>
    private static StreamWriter Open(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return new(path, append: false) { AutoFlush = true };
    }

    /// <summary>What a terminal shows as colours; a file is read without one.</summary>
    [GeneratedRegex(@"\e\[[0-9;]*m")]
    private static partial Regex Colours();

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        using var text = new StringReader(exception is null ? formatter(state, exception) : $"{formatter(state, exception)}\n{exception}");
        while (text.ReadLine() is { } line)
            Add(line, logLevel >= LogLevel.Error);
    }
}
