namespace LocalAspire.Dashboard.Store;

/// <summary>What a list of traces shows of one; changed only by the store, under its lock.</summary>
public sealed class Trace(TraceId id)
{
    private bool _hasRoot;
    private long _rootStart = long.MaxValue;

    /// <summary>Tells it from all others.</summary>
    public TraceId Id { get; } = id;

    /// <summary>The numbers of its spans, in the order of their coming.</summary>
    public List<long> Spans { get; } = [];

    /// <summary>The span that it is named after: the one without a parent, or else the earliest.</summary>
    public long Root { get; private set; }

    /// <summary>When its earliest span began, in nanoseconds since 1970.</summary>
    public long Start { get; private set; } = long.MaxValue;

    /// <summary>When its last span ended.</summary>
    public long End { get; private set; }

    /// <summary>How many of its spans failed.</summary>
    public int Errors { get; private set; }

    /// <summary>Who took part, with how many spans.</summary>
    public List<ServiceShare> Services { get; } = [];

    /// <summary>Counts a span in.</summary>
    public void Add(long number, in SpanEntry span)
    {
        Spans.Add(number);
        Start = Math.Min(Start, span.Start);
        End = Math.Max(End, span.End);
        if (span.IsError)
            Errors++;
        var isRoot = span.Parent == 0;
        if (isRoot == _hasRoot ? span.Start < _rootStart : isRoot)
            (Root, _rootStart, _hasRoot) = (number, span.Start, isRoot);
        var name = span.Resource.Name;
        var share = Services.FindIndex(share => share.Name == name);
        if (share < 0)
            Services.Add(new ServiceShare(name, span.Resource.Color, 1, span.IsError ? 1 : 0));
        else
            Services[share] = Services[share] with { Spans = Services[share].Spans + 1, Errors = Services[share].Errors + (span.IsError ? 1 : 0) };
    }

    /// <summary>Begins the counting anew, because spans were dropped.</summary>
    public void Reset()
    {
        Spans.Clear();
        Services.Clear();
        (Start, End, Errors, _hasRoot, _rootStart) = (long.MaxValue, 0, 0, false, long.MaxValue);
    }
}

/// <summary>A service's part of a trace.</summary>
public readonly record struct ServiceShare(string Name, int Color, int Spans, int Errors);

/// <summary>What is asked of a span more often than that it be shown.</summary>
public readonly record struct SpanEntry(
    Trace Trace, TelemetryResource Resource, TelemetryScope Scope, ulong Id, ulong Parent, long Start, long End, SpanKind Kind, bool IsError);

/// <summary>OTLP's kinds of span.</summary>
public enum SpanKind : byte
{
    Unspecified,
    Internal,
    Server,
    Client,
    Producer,
    Consumer,
}
