using LocalAspire.Dashboard.Otlp;

namespace LocalAspire.Dashboard.Store;

/// <summary>A data point as it came, of whatever kind of metric.</summary>
internal sealed class MetricDataPoint
{
    /// <summary>The attributes, as bytes: they tell one series from another.</summary>
    public List<byte[]> Attributes { get; } = [];

    public List<Exemplar> Exemplars { get; } = [];

    public long Start { get; set; }

    public long Time { get; set; }

    public double Value { get; set; }

    public double Count { get; set; }

    public double[] Bounds { get; set; } = [];

    public double[]? Buckets { get; set; }
}

/// <summary>Reads OTLP's data points; each kind has field numbers of its own.</summary>
internal static class MetricReader
{
    /// <summary>Bounds that exponential histograms are brought to: theirs move, and could not be added up. Each is the last times √2.</summary>
    public static readonly double[] CommonBounds = [.. Enumerable.Range(-28, 69).Select(half => Math.Pow(2, half / 2.0))];

    /// <summary>A number of a gauge or a sum.</summary>
    public static MetricDataPoint ReadNumber(ReadOnlySpan<byte> message)
    {
        var point = new MetricDataPoint();
        var reader = new WireReader(message);
        while (reader.Read())
            switch (reader.Field)
            {
                case 2: point.Start = (long)reader.Number; break;
                case 3: point.Time = (long)reader.Number; break;
                case 4: point.Value = reader.Double; break;
                case 5: AddExemplar(point, reader.Bytes); break;
                case 6: point.Value = (long)reader.Number; break;
                case 7: point.Attributes.Add(reader.Bytes.ToArray()); break;
            }
        return point;
    }

    /// <summary>A histogram with bounds; a summary reads the same, without any.</summary>
    public static MetricDataPoint ReadHistogram(ReadOnlySpan<byte> message, bool isSummary)
    {
        var (point, counts, bounds) = (new MetricDataPoint(), new List<ulong>(), new List<ulong>());
        var reader = new WireReader(message);
        while (reader.Read())
            switch (reader.Field)
            {
                case 2: point.Start = (long)reader.Number; break;
                case 3: point.Time = (long)reader.Number; break;
                case 4: point.Count = reader.Number; break;
                case 5: point.Value = reader.Double; break;
                case 6 when !isSummary: reader.AddFixed64To(counts); break;
                case 7 when isSummary: point.Attributes.Add(reader.Bytes.ToArray()); break;
                case 7: reader.AddFixed64To(bounds); break;
                case 8 when !isSummary: AddExemplar(point, reader.Bytes); break;
                case 9: point.Attributes.Add(reader.Bytes.ToArray()); break;
            }
        point.Bounds = [.. bounds.Select(BitConverter.UInt64BitsToDouble)];
        if (counts.Count == bounds.Count + 1)
            point.Buckets = [.. counts.Select(count => (double)count)];
        return point;
    }

    /// <summary>A histogram whose bounds are powers.</summary>
    public static MetricDataPoint ReadExponentialHistogram(ReadOnlySpan<byte> message)
    {
        var point = new MetricDataPoint { Bounds = CommonBounds, Buckets = new double[CommonBounds.Length + 1] };
        var (scale, zeros) = (0L, 0UL);
        ReadOnlySpan<byte> positive = default;
        var reader = new WireReader(message);
        while (reader.Read())
            switch (reader.Field)
            {
                case 1: point.Attributes.Add(reader.Bytes.ToArray()); break;
                case 2: point.Start = (long)reader.Number; break;
                case 3: point.Time = (long)reader.Number; break;
                case 4: point.Count = reader.Number; break;
                case 5: point.Value = reader.Double; break;
                case 6: scale = WireReader.ZigZag(reader.Number); break;
                case 7: zeros = reader.Number; break;
                case 8: positive = reader.Bytes; break;
                case 11: AddExemplar(point, reader.Bytes); break;
            }
        point.Buckets[0] += zeros;
        var (offset, counts) = (0L, new List<ulong>());
        var buckets = new WireReader(positive);
        while (buckets.Read())
            if (buckets.Field == 1)
                offset = WireReader.ZigZag(buckets.Number);
            else if (buckets.Field == 2)
                buckets.AddVarintsTo(counts);
        for (var i = 0; i < counts.Count; i++)
        {
            // The middle of the bucket says where its values go.
            var middle = Math.Pow(2, (offset + i + 0.5) * Math.Pow(2, -scale));
            var index = Array.BinarySearch(CommonBounds, middle);
            point.Buckets[index < 0 ? ~index : index] += counts[i];
        }
        return point;
    }

    private static void AddExemplar(MetricDataPoint point, ReadOnlySpan<byte> message)
    {
        var (time, value, trace, span) = (0L, 0.0, default(TraceId), 0UL);
        var reader = new WireReader(message);
        while (reader.Read())
            switch (reader.Field)
            {
                case 2: time = (long)reader.Number; break;
                case 3: value = reader.Double; break;
                case 4: span = TraceId.ReadSpan(reader.Bytes); break;
                case 5: trace = TraceId.Read(reader.Bytes); break;
                case 6: value = (long)reader.Number; break;
            }
        if (!trace.IsEmpty)
            point.Exemplars.Add(new Exemplar(time, value, trace, span));
    }
}
