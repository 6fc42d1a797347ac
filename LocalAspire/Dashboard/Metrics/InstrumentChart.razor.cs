using LocalAspire.Dashboard.Shared;
using LocalAspire.Dashboard.Store;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace LocalAspire.Dashboard.Metrics;

/// <summary>The chart of an instrument, with what may be chosen about it.</summary>
public sealed partial class InstrumentChart
{
    private const int MaxLines = 10;
    private const int StepsPerChart = 60;

    private readonly Dictionary<string, string> _filters = [];
    private SortedDictionary<string, SortedSet<string>> _dimensions = [];
    private (string Name, Dot[] Points)[] _lines = [];
    private Exemplar[] _exemplars = [];
    private Dot[] _dots = [];
    private InstrumentKind _kind;
    private ChartView _view = ChartView.Rate;
    private string _description = "", _unit = "";
    private string? _splitBy;
    private int _minutes = 5, _hidden;
    private DateTime _from, _to;
    private bool _known;

    [Inject] private TimeProvider Now { get; set; } = null!;

    /// <summary>Whose instrument.</summary>
    [Parameter, EditorRequired] public string Service { get; set; } = "";

    /// <summary>What within the program has it.</summary>
    [Parameter, EditorRequired] public string Scope { get; set; } = "";

    /// <summary>The instrument.</summary>
    [Parameter, EditorRequired] public string Name { get; set; } = "";

    /// <summary>A chart moves with time, whether or not anything comes.</summary>
    protected override long Version => Now.GetUtcNow().ToUnixTimeSeconds() / 2;

    /// <inheritdoc/>
    protected override Task OnInitializedAsync() => ReloadAsync();

    /// <inheritdoc/>
    protected override Task LoadAsync()
    {
        var step = Math.Max(Series.Resolution, _minutes * 60_000_000_000L / StepsPerChart);
        var to = Now.GetUtcNow().ToUnixTimeMilliseconds() * 1_000_000 / step * step;
        var steps = (int)(_minutes * 60_000_000_000L / step) + 1;
        var question = new ChartQuestion(to - step * (steps - 1), to, steps, _filters, _splitBy, _view == ChartView.Total);
        (_from, _to) = (Format.Local(question.From).DateTime, Format.Local(question.To).DateTime);
        Store.Read(new InstrumentKey(Service, Scope, Name), instrument =>
        {
            if (!_known)
                (_known, _view) = (true, instrument.Kind == InstrumentKind.Histogram ? ChartView.Percentiles : ChartView.Rate);
            (_kind, _description, _unit) = (instrument.Kind, instrument.Description, instrument.Unit);
            _dimensions = MetricChart.Dimensions(instrument);
            var lines = _view == ChartView.Percentiles ? MetricChart.PercentileLines(instrument, question) : MetricChart.Lines(instrument, question);
            _hidden = Math.Max(0, lines.Count - MaxLines);
            _lines = [.. lines
                .OrderByDescending(line => _view == ChartView.Percentiles ? 0 : line.Values.Max() ?? 0)
                .Take(MaxLines)
                .Select(line => (line.Name, Dots(line, question)))];
            _exemplars = [.. instrument.Exemplars.Where(exemplar => exemplar.Time >= question.From).OrderByDescending(exemplar => exemplar.Time)];
            _dots = [.. _exemplars.Where(exemplar => exemplar.Time <= question.To).Select(exemplar => new Dot(Format.Local(exemplar.Time).DateTime, exemplar.Value, exemplar))];
            return true;
        });
        return Task.CompletedTask;
    }

    private static Dot[] Dots(ChartLine line, ChartQuestion question) =>
        [.. line.Values.Select((value, step) => (value, step)).Where(at => at.value is not null).Select(at => new Dot(Format.Local(question.TimeAt(at.step)).DateTime, at.value!.Value))];

    private Task Show(ChartView view)
    {
        _view = view;
        return ReloadAsync();
    }

    private Task SplitByAsync(string? key)
    {
        _splitBy = key is "" ? null : key;
        return ReloadAsync();
    }

    private Task FilterAsync(string key, string? value)
    {
        if (value is null or "")
            _filters.Remove(key);
        else
            _filters[key] = value;
        return ReloadAsync();
    }

    private void OpenTrace(SeriesClickEventArgs click)
    {
        if (click.Data is Dot { Exemplar: { } exemplar })
            Navigation.NavigateTo($"/traces/{exemplar.Trace}?span={exemplar.Span:x16}");
    }

    private string Pressed(ChartView view) => _view == view ? "true" : "false";

    private static string ColorOf(int line) => $"var(--c{line})";

    private string Text(double? value) => Text(value, _kind != InstrumentKind.Gauge && _view == ChartView.Rate);

    private string Text(double? value, bool isRate) => value switch
    {
        null => "–",
        _ when isRate => $"{Format.Number(value.Value)}/s",
        // The count of a histogram is not in its unit.
        _ when _kind == InstrumentKind.Histogram && _view == ChartView.Total => Format.Number(value.Value),
        _ => Format.Measured(value.Value, _unit),
    };

    private enum ChartView
    {
        Rate,
        Total,
        Percentiles,
    }

    private sealed record Dot(DateTime Time, double Value, Exemplar? Exemplar = null);
}
