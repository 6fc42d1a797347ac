using System.Text.RegularExpressions;
using LocalAspire.Dashboard.Otlp;

namespace LocalAspire.Dashboard.Store;

/// <summary>What is asked of a log record more often than that it be shown.</summary>
public readonly record struct LogEntry(TelemetryResource Resource, TelemetryScope Scope, long Time, TraceId Trace, ulong Span, byte Severity);

/// <summary>A log record where it lies in the store.</summary>
public readonly partial struct LogRecord
{
    private readonly RecordLog<LogEntry>.Slice _slice;
    private readonly int _index;

    internal LogRecord(RecordLog<LogEntry>.Slice slice, int index) => (_slice, _index) = (slice, index);

    /// <summary>Where it came from, when, and how grave it is.</summary>
    public ref readonly LogEntry Entry => ref _slice.Entries[_index];

    /// <summary>Tells it from all others.</summary>
    public long Number => _slice.First + _index;

    /// <summary>The name of its severity.</summary>
    public string Level => LevelOf(Entry.Severity);

    /// <summary>Its text, with the values it speaks of.</summary>
    public string Message => MessageOf(_slice.Body(_index));

    /// <summary>Everything that was said beside the text.</summary>
    public List<Tag> Attributes => OtlpValue.ReadAttributes(_slice.Body(_index), 6);

    /// <summary>The name of a severity of OTLP; every level has four numbers.</summary>
    public static string LevelOf(byte severity) => severity switch
    {
        0 => "Unset",
        <= 4 => "Trace",
        <= 8 => "Debug",
        <= 12 => "Information",
        <= 16 => "Warning",
        <= 20 => "Error",
        _ => "Critical",
    };

    /// <summary>Some programs send the template and its values apart: then the values are put in.</summary>
    public static string MessageOf(ReadOnlySpan<byte> body)
    {
        var message = OtlpValue.ToText(WireReader.Find(body, 5));
        if (!message.Contains('{', StringComparison.Ordinal))
            return message;
        var attributes = OtlpValue.ReadAttributes(body, 6);
        return Hole().Replace(message, hole => attributes.Find(attribute => attribute.Key == hole.Groups[1].Value).Value ?? hole.Value);
    }

    [GeneratedRegex(@"\{([^{}:,]+)(?:[:,][^{}]*)?\}")]
    private static partial Regex Hole();
}
