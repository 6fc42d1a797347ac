using System.Text;
using LocalAspire.Dashboard.Otlp;

namespace LocalAspire.Dashboard.Store;

/// <summary>Keeps the last half hour of every series of every instrument; where there are too many series, the one silent longest goes.</summary>
internal sealed class MetricStore(int maxSeries, TimeProvider time)
{
    private const int Delta = 1;

    private readonly Lock _lock = new();
    private readonly Dictionary<InstrumentKey, Instrument> _instruments = [];
    private readonly long _began = time.GetUtcNow().ToUnixTimeMilliseconds() * 1_000_000;
    private int _series;

    /// <summary>How many instruments there are.</summary>
    public int InstrumentCount
    {
        get
        {
            lock (_lock)
                return _instruments.Count;
        }
    }

    /// <summary>Takes what one scope of a program sent: a message whose field 2 repeats metrics.</summary>
    public void Add(TelemetryResource resource, TelemetryScope scope, ReadOnlySpan<byte> scopeMetrics)
    {
        lock (_lock)
        {
            var reader = new WireReader(scopeMetrics);
            while (reader.Read())
                if (reader.Field == 2)
                    AddMetric(resource, scope, reader.Bytes);
        }
    }

    /// <summary>Every instrument, by service and name.</summary>
    public InstrumentSummary[] Instruments()
    {
        lock (_lock)
            return [.. _instruments.Values
                .Select(instrument => new InstrumentSummary(instrument.Key, instrument.Kind, instrument.Description, instrument.Unit, instrument.Color, instrument.Series.Count))
                .OrderBy(instrument => instrument.Key.Service, StringComparer.Ordinal).ThenBy(instrument => instrument.Key.Name, StringComparer.Ordinal)];
    }

    /// <summary>Asks something of an instrument while nothing changes; the default where it is not known.</summary>
    public T? Read<T>(InstrumentKey key, Func<Instrument, T> question)
    {
        lock (_lock)
            return _instruments.TryGetValue(key, out var instrument) ? question(instrument) : default;
    }

    private void AddMetric(TelemetryResource resource, TelemetryScope scope, ReadOnlySpan<byte> metric)
    {
        var (name, description, unit, form) = ("", "", "", 0);
        ReadOnlySpan<byte> data = default;
        var reader = new WireReader(metric);
        while (reader.Read())
            switch (reader.Field)
            {
                case 1: name = reader.Text; break;
                case 2: description = reader.Text; break;
                case 3: unit = reader.Text; break;
                case 5 or 7 or 9 or 10 or 11: data = reader.Bytes; form = reader.Field; break;
            }
        var (isDelta, isMonotonic) = (false, false);
        reader = new WireReader(data);
        while (reader.Read())
            if (reader.Field == 2)
                isDelta = reader.Number == Delta;
            else if (reader.Field == 3)
                isMonotonic = reader.Number != 0;

        var kind = form switch { 5 => InstrumentKind.Gauge, 7 => isMonotonic ? InstrumentKind.Counter : InstrumentKind.Gauge, _ => InstrumentKind.Histogram };
        var key = new InstrumentKey(resource.Name, scope.Name, name);
        if (!_instruments.TryGetValue(key, out var instrument) || instrument.Kind != kind)
            _instruments[key] = instrument = new Instrument(key, kind, description, unit, resource.Color);
        reader = new WireReader(data);
        while (reader.Read())
            if (reader.Field == 1)
                AddPoint(resource, instrument, isDelta, form switch
                {
                    5 or 7 => MetricReader.ReadNumber(reader.Bytes),
                    10 => MetricReader.ReadExponentialHistogram(reader.Bytes),
                    _ => MetricReader.ReadHistogram(reader.Bytes, isSummary: form == 11),
                });
    }

    private void AddPoint(TelemetryResource resource, Instrument instrument, bool isDelta, MetricDataPoint point)
    {
        var key = new StringBuilder(resource.Instance);
        foreach (var attribute in point.Attributes)
            key.Append('\n').Append(Encoding.Latin1.GetString(attribute));
        foreach (var exemplar in point.Exemplars)
            instrument.Add(exemplar);
        if (!instrument.Series.TryGetValue(key.ToString(), out var series) || !series.Bounds.AsSpan().SequenceEqual(point.Bounds))
            instrument.Series[key.ToString()] = series = NewSeries(resource, instrument, isDelta, point);
        var last = isDelta ? series.Last : default;
        if (last.Buckets is { } before && point.Buckets is { } now)
            for (var i = 0; i < now.Length; i++)
                now[i] += before[i];
        series.Add(new MetricPoint(point.Time, point.Value + last.Value, point.Count + last.Count, point.Buckets));
    }

    private Series NewSeries(TelemetryResource resource, Instrument instrument, bool isDelta, MetricDataPoint point)
    {
        List<Tag> attributes = [.. point.Attributes.Select(attribute => OtlpValue.ReadAttribute(attribute))];
        if (resource.Instance.Length > 0)
            attributes.Add(new("service.instance.id", resource.Instance));
        // The rise of whatever was counted since this dashboard began can be shown from zero; of a count from before, where it stood is not known.
        var series = new Series(attributes, point.Bounds, startsAtZero: instrument.Kind != InstrumentKind.Gauge && (isDelta || point.Start >= _began));
        if (++_series > maxSeries)
            DropSilent();
        return series;
    }

    private void DropSilent()
    {
        var (instrument, key, _) = _instruments.Values
            .SelectMany(instrument => instrument.Series.Select(series => (instrument, series.Key, series.Value.Seen)))
            .MinBy(series => series.Seen);
        instrument.Series.Remove(key);
        if (instrument.Series.Count == 0)
            _instruments.Remove(instrument.Key);
        _series--;
    }
}

/// <summary>An instrument in a list.</summary>
internal sealed record InstrumentSummary(InstrumentKey Key, InstrumentKind Kind, string Description, string Unit, int Color, int Series);
