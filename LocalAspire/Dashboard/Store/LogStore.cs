using LocalAspire.Dashboard.Otlp;
using LocalAspire.Dashboard.Search;

namespace LocalAspire.Dashboard.Store;

/// <summary>Keeps the newest log records.</summary>
internal sealed class LogStore(int capacity)
{
    private readonly Lock _lock = new();
    private RecordLog<LogEntry> _log = new(capacity);
    private long _version;

    /// <summary>Changes with whatever is stored.</summary>
    public long Version => Volatile.Read(ref _version);

    /// <summary>How many records are kept.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return (int)(_log.Next - _log.First);
        }
    }

    /// <summary>Takes what one scope of a program sent: a message whose field 2 repeats log records.</summary>
    public void Add(TelemetryResource resource, TelemetryScope scope, ReadOnlySpan<byte> scopeLogs)
    {
        lock (_lock)
        {
            var reader = new WireReader(scopeLogs);
            while (reader.Read())
                if (reader.Field == 2)
                    _log.Add(ReadEntry(reader.Bytes, resource, scope), reader.Bytes);
            while (_log.IsFull)
                _log.DropOldest();
            _version++;
        }
    }

    /// <summary>The records that fit, newest first.</summary>
    public LogRecord[] Find(LogFilter filter)
    {
        RecordLog<LogEntry>.Slice[] slices;
        lock (_lock)
            slices = _log.Slices();
        var found = new List<LogRecord>();
        foreach (var slice in slices)
            for (var i = 0; i < slice.Count; i++)
            {
                ref readonly var entry = ref slice.Entries[i];
                if (entry.Severity >= filter.MinSeverity
                    && (filter.Service is null || entry.Resource.Name == filter.Service)
                    && (filter.Trace.IsEmpty || entry.Trace == filter.Trace)
                    && (filter.Query.Terms.Count == 0 || Matches(filter.Query, entry, slice.Body(i))))
                    found.Add(new LogRecord(slice, i));
            }
        var sorted = found.ToArray();
        // They came in batches, a program after the other.
        Array.Sort(sorted, (one, other) => other.Entry.Time != one.Entry.Time ? other.Entry.Time.CompareTo(one.Entry.Time) : other.Number.CompareTo(one.Number));
        return sorted;
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            _log = new RecordLog<LogEntry>(capacity);
            _version++;
        }
    }

    private static LogEntry ReadEntry(ReadOnlySpan<byte> body, TelemetryResource resource, TelemetryScope scope)
    {
        var (time, observed, severity, trace, span) = (0L, 0L, (byte)0, default(TraceId), 0UL);
        var reader = new WireReader(body);
        while (reader.Read())
            switch (reader.Field)
            {
                case 1: time = (long)reader.Number; break;
                case 2: severity = (byte)Math.Min(reader.Number, 24); break;
                case 9: trace = TraceId.Read(reader.Bytes); break;
                case 10: span = TraceId.ReadSpan(reader.Bytes); break;
                case 11: observed = (long)reader.Number; break;
            }
        return new LogEntry(resource, scope, time != 0 ? time : observed, trace, span, severity);
    }

    private static bool Matches(SearchQuery query, in LogEntry entry, ReadOnlySpan<byte> body)
    {
        foreach (var term in query.Terms)
            if (!Matches(term, entry, body))
                return false;
        return true;
    }

    private static bool Matches(SearchTerm term, in LogEntry entry, ReadOnlySpan<byte> body) => term.Key switch
    {
        null => term.MatchesRecord(entry.Trace, entry.Span, body) || term.Matches(entry.Scope.Name),
        "message" => term.Matches(LogRecord.MessageOf(body)),
        "level" => term.Matches(LogRecord.LevelOf(entry.Severity)),
        "category" or "scope" => term.Matches(entry.Scope.Name),
        "trace.id" => term.Matches(entry.Trace.ToString()),
        _ => term.MayMatch(body) && term.MatchesAttribute(body, 6) || term.Matches(entry.Resource[term.Key]),
    };
}

/// <summary>Which log records to show.</summary>
internal sealed record LogFilter(SearchQuery Query, string? Service = null, int MinSeverity = 0, TraceId Trace = default);
