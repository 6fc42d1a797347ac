using LocalAspire.Dashboard.Metrics;
using LocalAspire.Dashboard.Otlp;
using LocalAspire.Dashboard.Store;

namespace LocalAspire.Tests.Dashboard;

public class MetricTests
{
    private const ulong Second = 1_000_000_000;
    private readonly Telemetry _telemetry = new();

    [Fact]
    public void Counter_ThatRises_IsDrawnAsSpeed()
    {
        for (var i = 1UL; i <= 6; i++)
            Send(Sum("requests", i * 10, i * 50));

        var line = Assert.Single(Ask("requests", MetricChart.Lines));

        Assert.Equal([null, 5.0, 5, 5, 5, 5, 5], line.Values);
    }

    [Fact]
    public void Counter_ThatBeganAnew_DoesNotFall()
    {
        Send(Sum("requests", 10, 100));
        Send(Sum("requests", 20, 200));
        Send(Sum("requests", 30, 50));

        Assert.Equal(5.0, Assert.Single(Ask("requests", MetricChart.Lines, seconds: 30, steps: 4)).Values[^1]);
    }

    [Fact]
    public void Counter_OfBeforeTheDashboard_BeginsWithoutAJump()
    {
        Send(Sum("requests", 10, 1_000_000, start: Telemetry.Start - 3600 * Second));
        Send(Sum("requests", 20, 1_000_010, start: Telemetry.Start - 3600 * Second));

        Assert.Equal([null, null, 1.0], Assert.Single(Ask("requests", MetricChart.Lines, seconds: 20, steps: 3)).Values);
    }

    [Fact]
    public void Counter_OfDifferences_IsAddedUp()
    {
        for (var i = 1UL; i <= 3; i++)
            Send(Sum("requests", i * 10, 30, isDelta: true));

        Assert.Equal([3.0, 3, 3], Assert.Single(Ask("requests", MetricChart.Lines, seconds: 30, steps: 4)).Values.Skip(1).Select(value => value!.Value));
    }

    [Fact]
    public void Lines_ByAttribute_OneForEachValueAndFiltered()
    {
        Send(Sum("requests", 10, 10, ("route", "/a")), Sum("requests", 10, 20, ("route", "/b")));
        Send(Sum("requests", 20, 20, ("route", "/a")), Sum("requests", 20, 120, ("route", "/b")));

        var question = Question(20, 3);
        var split = Read("requests", instrument => MetricChart.Lines(instrument, question with { SplitBy = "route" }));
        var filtered = Read("requests", instrument => MetricChart.Lines(instrument, question with { Filters = new Dictionary<string, string> { ["route"] = "/b" } }));

        Assert.Equal([("/a", 1.0), ("/b", 10.0)], split.Select(line => (line.Name, line.Values[^1]!.Value)));
        Assert.Equal(10.0, Assert.Single(filtered).Values[^1]);
        Assert.Equal(["/a", "/b"], Read("requests", MetricChart.Dimensions)["route"]);
    }

    [Fact]
    public void Gauge_OfTwoSeries_IsSummedUp()
    {
        Send(Gauge("lag", 10, 3, "a"), Gauge("lag", 10, 4, "b"));

        Assert.Equal(7.0, Assert.Single(Ask("lag", MetricChart.Lines, seconds: 10, steps: 2)).Values[^1]);
    }

    [Theory]
    [InlineData(0.5, 10)]
    [InlineData(0.9, 68)]
    [InlineData(0.99, 96.8)]
    [InlineData(1, 100)]
    public void Percentile_OfBuckets_IsInterpolated(double part, double expected) =>
        Assert.Equal(expected, MetricChart.Percentile([50, 25, 25, 0], [10, 20, 100], part)!.Value, 0.01);

    [Fact]
    public void Percentile_AboveTheLastBoundOrOfNothing_DoesNotInvent()
    {
        Assert.Equal(100, MetricChart.Percentile([0, 0, 0, 5], [10, 20, 100], 0.5));
        Assert.Null(MetricChart.Percentile([0, 0, 0, 0], [10, 20, 100], 0.5));
    }

    [Fact]
    public void PercentileLines_OfAHistogram_LookAtWhatCameSince()
    {
        Send(Histogram(10, [100, 0, 0]));
        Send(Histogram(20, [100, 10, 0]));

        var lines = Ask("duration", MetricChart.PercentileLines, seconds: 20, steps: 3);

        Assert.Equal(["p50", "p90", "p99"], lines.Select(line => line.Name));
        Assert.Equal(0.5, lines[0].Values[1]!.Value, 0.01);
        Assert.Equal(1.5, lines[0].Values[2]!.Value, 0.01);
    }

    [Fact]
    public void ExponentialHistogram_IsBroughtToCommonBounds()
    {
        // Scale 0: buckets (1, 2], (2, 4], (4, 8], with 1, 2 and 1 values.
        var point = new WireWriter().Fixed64(3, Telemetry.Start).Fixed64(4, 4).Number(6, 0).Add(8, new WireWriter().Number(1, 0).PackedVarints(2, 1, 2, 1)).ToArray();

        var read = MetricReader.ReadExponentialHistogram(point);

        Assert.Equal(4, read.Buckets!.Sum());
        Assert.InRange(MetricChart.Percentile(read.Buckets!, read.Bounds, 0.5)!.Value, 2, 4);
    }

    [Fact]
    public void Exemplar_WithATrace_IsKeptOnce()
    {
        var exemplar = new WireWriter().Fixed64(2, Telemetry.Start).Double(3, 0.25).Add(4, Telemetry.Id(3, 8)).Add(5, Telemetry.Id(7, 16));
        Send(Histogram(10, [1, 0, 0], exemplar));
        Send(Histogram(20, [1, 0, 0], exemplar));

        var kept = Assert.Single(Read("duration", instrument => instrument.Exemplars.ToArray()));

        Assert.Equal(new Exemplar((long)Telemetry.Start, 0.25, Telemetry.TraceIdOf(7), 3), kept);
    }

    [Fact]
    public void Series_ThatStandsStill_CostsTwoPoints()
    {
        var series = new Series([], []);
        for (var i = 0; i < 1_000; i++)
            series.Add(new MetricPoint(i * Series.Resolution, 5));

        Assert.Equal(2, series.Points.Count);
        Assert.Equal(999 * Series.Resolution, series.Last.Time);
    }

    [Fact]
    public void Series_MoreThanFit_DropsTheOneSilentLongest()
    {
        var telemetry = new Telemetry(series: 10);
        for (var i = 1UL; i <= 15; i++)
            telemetry.Receive(OtlpSignal.Metrics, "orders", Gauge("lag", i, 1, $"queue-{i:00}"));

        var queues = telemetry.Metrics.Read(new InstrumentKey("orders", "Tests.Scope", "lag"), MetricChart.Dimensions)!["queue"];

        Assert.Equal(10, queues.Count);
        Assert.Equal("queue-06", queues.Min);
    }

    private void Send(params WireWriter[] metrics) => _telemetry.Receive(OtlpSignal.Metrics, "orders", metrics);

    private T Read<T>(string name, Func<Instrument, T> question) => _telemetry.Metrics.Read(new InstrumentKey("orders", "Tests.Scope", name), question)!;

    private List<ChartLine> Ask(string name, Func<Instrument, ChartQuestion, List<ChartLine>> lines, int seconds = 60, int steps = 7) =>
        Read(name, instrument => lines(instrument, Question(seconds, steps)));

    private static ChartQuestion Question(int seconds, int steps) =>
        new((long)Telemetry.Start, (long)(Telemetry.Start + (ulong)seconds * Second), steps, new Dictionary<string, string>());

    private static WireWriter Sum(string name, ulong at, ulong value, (string Key, string Value)? tag = null, ulong start = Telemetry.Start, bool isDelta = false)
    {
        var point = new WireWriter().Fixed64(2, start).Fixed64(3, Telemetry.Start + at * Second).Fixed64(6, value);
        if (tag is var (key, text))
            point.Tag(7, key, text);
        return new WireWriter().Add(1, name).Add(7, new WireWriter().Add(1, point).Number(2, isDelta ? 1UL : 2).Number(3, 1));
    }

    private static WireWriter Gauge(string name, ulong at, double value, string queue) => new WireWriter().Add(1, name)
        .Add(5, new WireWriter().Add(1, new WireWriter().Fixed64(3, Telemetry.Start + at * Second).Double(4, value).Tag(7, "queue", queue)));

    private static WireWriter Histogram(ulong at, ulong[] counts, WireWriter? exemplar = null)
    {
        var point = new WireWriter().Fixed64(2, Telemetry.Start).Fixed64(3, Telemetry.Start + at * Second)
            .Fixed64(4, counts.Aggregate((one, other) => one + other)).Packed(6, counts).Packed(7, BitConverter.DoubleToUInt64Bits(1), BitConverter.DoubleToUInt64Bits(2));
        if (exemplar is not null)
            point.Add(8, exemplar);
        return new WireWriter().Add(1, "duration").Add(3, "s").Add(9, new WireWriter().Add(1, point).Number(2, 2));
    }
}
