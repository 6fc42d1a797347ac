using System.Globalization;
using LocalAspire.Dashboard.Otlp;
using LocalAspire.Dashboard.Search;

namespace LocalAspire.Dashboard.Store;

/// <summary>Keeps the newest spans, and knows which traces they make.</summary>
internal sealed class SpanStore(int capacity)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<TraceId, Trace> _traces = [];
    private RecordLog<SpanEntry> _log = new(capacity);
    private long _version;

    /// <summary>Changes with whatever is stored.</summary>
    public long Version => Volatile.Read(ref _version);

    /// <summary>How many spans are kept.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return (int)(_log.Next - _log.First);
        }
    }

    /// <summary>Takes what one scope of a program sent: a message whose field 2 repeats spans.</summary>
    public void Add(TelemetryResource resource, TelemetryScope scope, ReadOnlySpan<byte> scopeSpans)
    {
        lock (_lock)
        {
            var reader = new WireReader(scopeSpans);
            while (reader.Read())
                if (reader.Field == 2)
                    Add(reader.Bytes, resource, scope);
            while (_log.IsFull)
                DropOldest();
            _version++;
        }
    }

    /// <summary>The traces that fit, newest first.</summary>
    public Trace[] Find(TraceFilter filter)
    {
        RecordLog<SpanEntry>.Slice[] slices;
        lock (_lock)
        {
            if (filter.Query.Terms.Count == 0)
                return Sort(_traces.Values.Where(trace => filter.Allows(trace) && (filter.Service is null || trace.Services.Exists(share => share.Name == filter.Service))));
            slices = _log.Slices();
        }
        var found = new HashSet<Trace>();
        foreach (var slice in slices)
            for (var i = 0; i < slice.Count; i++)
            {
                ref readonly var span = ref slice.Entries[i];
                if ((filter.Service is null || span.Resource.Name == filter.Service) && !found.Contains(span.Trace) && Matches(filter.Query, span, slice.Body(i)))
                    found.Add(span.Trace);
            }
        lock (_lock)
            return Sort(found.Where(trace => trace.Spans.Count > 0 && filter.Allows(trace)));
    }

    /// <summary>What to show of some traces.</summary>
    public TraceSummary[] Summarize(IEnumerable<Trace> traces)
    {
        lock (_lock)
            return [.. traces.Where(trace => trace.Spans.Count > 0).Select(trace => new TraceSummary(
                trace.Id, trace.Start, trace.End - trace.Start, SpanRecord.NameOf(_log.Body(trace.Root)), _log[trace.Root].Resource,
                trace.Spans.Count, trace.Errors, [.. trace.Services]))];
    }

    /// <summary>The spans of a trace in the order of their coming; none where it is not known.</summary>
    public SpanRecord[] Spans(TraceId id)
    {
        lock (_lock)
            return _traces.TryGetValue(id, out var trace) ? [.. trace.Spans.Select(number => new SpanRecord(_log[number], _log.Body(number).ToArray()))] : [];
    }

    /// <summary>How many spans of a trace are kept.</summary>
    public int CountOf(TraceId id)
    {
        lock (_lock)
            return _traces.TryGetValue(id, out var trace) ? trace.Spans.Count : 0;
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            _log = new RecordLog<SpanEntry>(capacity);
            foreach (var trace in _traces.Values)
                trace.Reset();
            _traces.Clear();
            _version++;
        }
    }

    private void Add(ReadOnlySpan<byte> body, TelemetryResource resource, TelemetryScope scope)
    {
        var (traceId, id, parent, start, end, kind, isError) = (default(TraceId), 0UL, 0UL, 0L, 0L, SpanKind.Unspecified, false);
        var reader = new WireReader(body);
        while (reader.Read())
            switch (reader.Field)
            {
                case 1: traceId = TraceId.Read(reader.Bytes); break;
                case 2: id = TraceId.ReadSpan(reader.Bytes); break;
                case 4: parent = TraceId.ReadSpan(reader.Bytes); break;
                case 6: kind = (SpanKind)Math.Min(reader.Number, 5); break;
                case 7: start = (long)reader.Number; break;
                case 8: end = (long)reader.Number; break;
                case 15: isError = IsError(reader.Bytes); break;
            }
        if (traceId.IsEmpty || id == 0)
            throw new InvalidDataException("a span has no trace id or no span id");
        if (!_traces.TryGetValue(traceId, out var trace))
            _traces[traceId] = trace = new Trace(traceId);
        var entry = new SpanEntry(trace, resource, scope, id, parent, start, Math.Max(start, end), kind, isError);
        trace.Add(_log.Add(entry, body), entry);
    }

    private static bool IsError(ReadOnlySpan<byte> status)
    {
        var reader = new WireReader(status);
        while (reader.Read())
            if (reader.Field == 3)
                return reader.Number == 2;
        return false;
    }

    // A trace that lasts longer than the store remembers goes on with the spans that are left.
    private void DropOldest()
    {
        var touched = new HashSet<Trace>();
        foreach (ref readonly var dropped in _log.DropOldest())
            touched.Add(dropped.Trace);
        foreach (var trace in touched)
        {
            var left = trace.Spans.Where(number => number >= _log.First).ToList();
            trace.Reset();
            foreach (var number in left)
                trace.Add(number, _log[number]);
            if (left.Count == 0)
                _traces.Remove(trace.Id);
        }
    }

    private static bool Matches(SearchQuery query, in SpanEntry span, ReadOnlySpan<byte> body)
    {
        foreach (var term in query.Terms)
            if (!Matches(term, span, body))
                return false;
        return true;
    }

    private static bool Matches(SearchTerm term, in SpanEntry span, ReadOnlySpan<byte> body) => term.Key switch
    {
        null => term.MatchesRecord(span.Trace.Id, span.Id, body),
        "name" => term.Matches(SpanRecord.NameOf(body)),
        "kind" => term.Matches(span.Kind.ToString()),
        "status" => term.Matches(span.IsError ? "error" : "ok"),
        "scope" => term.Matches(span.Scope.Name),
        "duration" => term.Matches(((span.End - span.Start) / 1e6).ToString(CultureInfo.InvariantCulture)),
        "trace.id" => term.Matches(span.Trace.Id.ToString()),
        _ => term.MayMatch(body) && (term.MatchesAttribute(body, 9) || MatchesEvent(term, body)) || term.Matches(span.Resource[term.Key]),
    };

    private static bool MatchesEvent(SearchTerm term, ReadOnlySpan<byte> body)
    {
        var reader = new WireReader(body);
        while (reader.Read())
            if (reader.Field == 11 && term.MatchesAttribute(reader.Bytes, 3))
                return true;
        return false;
    }

    private static Trace[] Sort(IEnumerable<Trace> traces)
    {
        var sorted = traces.ToArray();
        Array.Sort(sorted, (one, other) => other.Start.CompareTo(one.Start));
        return sorted;
    }
}

/// <summary>Which traces to show: such as have a span of the service that satisfies the query.</summary>
internal sealed record TraceFilter(SearchQuery Query, string? Service = null, bool ErrorsOnly = false, TimeSpan MinDuration = default)
{
    /// <summary>Whether a trace as a whole fits.</summary>
    public bool Allows(Trace trace) => (!ErrorsOnly || trace.Errors > 0) && (trace.End - trace.Start) / 100 >= MinDuration.Ticks;
}

/// <summary>A trace in a list.</summary>
internal sealed record TraceSummary(
    TraceId Id, long Start, long Duration, string Name, TelemetryResource Resource, int Spans, int Errors, IReadOnlyList<ServiceShare> Services);
