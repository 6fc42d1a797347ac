using LocalAspire.Dashboard.Otlp;

namespace LocalAspire.Dashboard.Store;

/// <summary>What kind of numbers an instrument gives.</summary>
internal enum InstrumentKind
{
    /// <summary>A number at a moment, which may rise and fall.</summary>
    Gauge,

    /// <summary>A sum that only rises.</summary>
    Counter,

    /// <summary>How often which values were seen.</summary>
    Histogram,
}

/// <summary>Tells an instrument from all others: it belongs to a service, whatever number of replicas that has.</summary>
internal readonly record struct InstrumentKey(string Service, string Scope, string Name);

/// <summary>An instrument of a service, with all its series.</summary>
internal sealed class Instrument(InstrumentKey key, InstrumentKind kind, string description, string unit, int color)
{
    private const int MaxExemplars = 200;

    public InstrumentKey Key { get; } = key;

    public InstrumentKind Kind { get; } = kind;

    public string Description { get; } = description;

    public string Unit { get; } = unit;

    /// <summary>The colour of its service.</summary>
    public int Color { get; } = color;

    /// <summary>Its series, by who sent them and with which attributes.</summary>
    public Dictionary<string, Series> Series { get; } = [];

    /// <summary>Measurements that know the trace they were made in, oldest first.</summary>
    public Queue<Exemplar> Exemplars { get; } = new();

    /// <summary>Remembers a measurement.</summary>
    public void Add(Exemplar exemplar)
    {
        if (Exemplars.Contains(exemplar))
            return;
        if (Exemplars.Count == MaxExemplars)
            Exemplars.Dequeue();
        Exemplars.Enqueue(exemplar);
    }
}

/// <summary>A measurement and where it was made.</summary>
internal readonly record struct Exemplar(long Time, double Value, TraceId Trace, ulong Span);

/// <summary>
/// The state at a moment, counted from the start: the value or sum, and for a histogram how many values fell between which bounds.
/// </summary>
internal readonly record struct MetricPoint(long Time, double Value, double Count = 0, double[]? Buckets = null);

/// <summary>One set of attributes of an instrument, over time.</summary>
/// <param name="startsAtZero">Whether nothing was counted before its first point.</param>
internal sealed class Series(IReadOnlyList<Tag> attributes, double[] bounds, bool startsAtZero = false)
{
    /// <summary>Points nearer to each other are one; with it and the number of points kept, half an hour is remembered.</summary>
    public const long Resolution = 5_000_000_000;
    private const int MaxPoints = 360;

    private readonly List<MetricPoint> _points = [];
    private bool _startsAtZero = startsAtZero;

    public IReadOnlyList<Tag> Attributes { get; } = attributes;

    /// <summary>The upper bounds of a histogram's buckets; above the last is one more.</summary>
    public double[] Bounds { get; } = bounds;

    public IReadOnlyList<MetricPoint> Points => _points;

    /// <summary>When something was last said of it.</summary>
    public long Seen { get; private set; }

    /// <summary>The newest state; nothing at the beginning.</summary>
    public MetricPoint Last => _points.Count > 0 ? _points[^1] : default;

    /// <summary>Adds a state. While nothing changes, it costs no memory.</summary>
    public void Add(in MetricPoint point)
    {
        Seen = point.Time;
        var continues = _points.Count > 1 && IsSame(_points[^1], point) && IsSame(_points[^2], point);
        if (continues || (_points.Count > 0 && _points[^1].Time / Resolution == point.Time / Resolution))
            _points[^1] = point;
        else
            _points.Add(point);
        if (_points.Count <= MaxPoints)
            return;
        _points.RemoveAt(0);
        _startsAtZero = false;
    }

    /// <summary>The state at a time. Before the first it is nothing yet counted, or null if that is not known.</summary>
    public MetricPoint? At(long time)
    {
        for (var i = _points.Count - 1; i >= 0; i--)
            if (_points[i].Time <= time)
                return _points[i];
        return _startsAtZero ? default(MetricPoint) : null;
    }

    private static bool IsSame(in MetricPoint one, in MetricPoint other) => one.Value.Equals(other.Value) && one.Count.Equals(other.Count);
}
