using LocalAspire.Dashboard.Store;

namespace LocalAspire.Dashboard.Metrics;

/// <summary>A line of a chart: what it stands for, and its value at each step, null where there is none.</summary>
internal sealed record ChartLine(string Name, double?[] Values);

/// <summary>What to draw of an instrument.</summary>
/// <param name="Filters">For an attribute, the only value that is looked at.</param>
/// <param name="SplitBy">The attribute whose values get a line each; null for one line of all.</param>
/// <param name="IsTotal">Whether what was counted is wanted as it stands, not how fast it rises.</param>
internal sealed record ChartQuestion(
    long From, long To, int Steps, IReadOnlyDictionary<string, string> Filters, string? SplitBy = null, bool IsTotal = false)
{
    /// <summary>The moments whose values are drawn.</summary>
    public long TimeAt(int step) => From + (To - From) * step / (Steps - 1);
}

/// <summary>Computes what a chart shows from counted states.</summary>
internal static class MetricChart
{
    /// <summary>The percentiles that are drawn of a histogram.</summary>
    public static readonly double[] Percentiles = [0.50, 0.90, 0.99];

    /// <summary>The value of a gauge, or how much a counter or the count of a histogram rises a second.</summary>
    public static List<ChartLine> Lines(Instrument instrument, ChartQuestion question) =>
        [.. Groups(instrument, question).Select(group => new ChartLine(group.Key, Line(instrument, group.Value, question)))];

    /// <summary>Percentiles of a histogram's values over time.</summary>
    public static List<ChartLine> PercentileLines(Instrument instrument, ChartQuestion question)
    {
        var series = Groups(instrument, question with { SplitBy = null }).SelectMany(group => group.Value).ToList();
        var values = Percentiles.Select(_ => new double?[question.Steps]).ToArray();
        for (var step = 1; step < question.Steps; step++)
        {
            var buckets = Rise(series, question.TimeAt(step - 1), question.TimeAt(step), out var bounds);
            for (var i = 0; i < Percentiles.Length; i++)
                values[i][step] = Percentile(buckets, bounds, Percentiles[i]);
        }
        return [.. Percentiles.Select((percentile, i) => new ChartLine($"p{percentile * 100:0}", values[i]))];
    }

    /// <summary>The value below which this part of all lies, taken to be spread evenly within a bucket; null where there is no value.</summary>
    public static double? Percentile(IReadOnlyList<double> buckets, IReadOnlyList<double> bounds, double part)
    {
        var total = buckets.Sum();
        if (total <= 0)
            return null;
        var (wanted, below) = (total * part, 0.0);
        for (var i = 0; i < buckets.Count; i++)
        {
            if (below + buckets[i] < wanted || buckets[i] == 0)
            {
                below += buckets[i];
                continue;
            }
            // Above the last bound nothing is known but that.
            if (i == bounds.Count)
                return bounds.Count > 0 ? bounds[^1] : null;
            var lower = i > 0 ? bounds[i - 1] : Math.Min(0, bounds[0]);
            return lower + (bounds[i] - lower) * (wanted - below) / buckets[i];
        }
        return bounds.Count > 0 ? bounds[^1] : null;
    }

    /// <summary>The values that each attribute of an instrument has.</summary>
    public static SortedDictionary<string, SortedSet<string>> Dimensions(Instrument instrument)
    {
        var dimensions = new SortedDictionary<string, SortedSet<string>>(StringComparer.Ordinal);
        foreach (var attribute in instrument.Series.Values.SelectMany(series => series.Attributes))
        {
            if (!dimensions.TryGetValue(attribute.Key, out var values))
                dimensions[attribute.Key] = values = new SortedSet<string>(StringComparer.Ordinal);
            values.Add(attribute.Value);
        }
        return dimensions;
    }

    private static SortedDictionary<string, List<Series>> Groups(Instrument instrument, ChartQuestion question)
    {
        var groups = new SortedDictionary<string, List<Series>>(StringComparer.Ordinal);
        foreach (var series in instrument.Series.Values)
        {
            if (!question.Filters.All(filter => ValueOf(series, filter.Key) == filter.Value))
                continue;
            var name = question.SplitBy is { } key ? ValueOf(series, key) ?? "(none)" : instrument.Key.Name;
            if (!groups.TryGetValue(name, out var group))
                groups[name] = group = [];
            group.Add(series);
        }
        return groups;
    }

    private static string? ValueOf(Series series, string key)
    {
        foreach (var attribute in series.Attributes)
            if (attribute.Key == key)
                return attribute.Value;
        return null;
    }

    private static double?[] Line(Instrument instrument, List<Series> group, ChartQuestion question)
    {
        var values = new double?[question.Steps];
        var seconds = (question.TimeAt(1) - question.TimeAt(0)) / 1e9;
        for (var step = 0; step < question.Steps; step++)
            foreach (var series in group)
            {
                if (series.At(question.TimeAt(step)) is not { Time: > 0 } now || question.TimeAt(step) - series.Seen > Silence)
                    continue;
                var isHistogram = instrument.Kind == InstrumentKind.Histogram;
                var value = isHistogram ? now.Count : now.Value;
                if (instrument.Kind != InstrumentKind.Gauge && !question.IsTotal)
                {
                    if (step == 0 || series.At(question.TimeAt(step - 1)) is not { } before)
                        continue;
                    value = Rise(isHistogram ? before.Count : before.Value, value) / seconds;
                }
                values[step] = (values[step] ?? 0) + value;
            }
        return values;
    }

    /// <summary>A program that has said nothing for so long has ended.</summary>
    private const long Silence = 90_000_000_000;

    private static double[] Rise(List<Series> group, long from, long to, out double[] bounds)
    {
        bounds = [];
        double[] sum = [];
        foreach (var series in group)
        {
            if (series.At(from) is not { } before || series.At(to) is not { Buckets: { } now } || (sum.Length > 0 && !bounds.SequenceEqual(series.Bounds)))
                continue;
            if (sum.Length == 0)
                (bounds, sum) = (series.Bounds, new double[now.Length]);
            for (var i = 0; i < now.Length; i++)
                sum[i] += Rise(before.Buckets?[i] ?? 0, now[i]);
        }
        return sum;
    }

    // A count that falls has begun anew.
    private static double Rise(double before, double now) => now >= before ? now - before : now;
}
