using System.Text;
using LocalAspire.Dashboard.Otlp;

namespace LocalAspire.Dashboard.Store;

/// <summary>A span with its bytes, which are read when something of them is shown.</summary>
public sealed record SpanRecord(SpanEntry Entry, ReadOnlyMemory<byte> Body)
{
    private string? _name;

    /// <summary>What was done.</summary>
    public string Name => _name ??= NameOf(Body.Span);

    /// <summary>The name in the bytes of a span.</summary>
    public static string NameOf(ReadOnlySpan<byte> body) => Encoding.UTF8.GetString(WireReader.Find(body, 5));

    /// <summary>Everything a person may want to know of it.</summary>
    public SpanDetails Read()
    {
        var details = new SpanDetails();
        var reader = new WireReader(Body.Span);
        while (reader.Read())
            switch (reader.Field)
            {
                case 3: details.TraceState = reader.Text; break;
                case 9: details.Attributes.Add(OtlpValue.ReadAttribute(reader.Bytes)); break;
                case 11: details.Events.Add(ReadEvent(reader.Bytes)); break;
                case 13:
                    details.Links.Add(new SpanLink(TraceId.Read(WireReader.Find(reader.Bytes, 1)), TraceId.ReadSpan(WireReader.Find(reader.Bytes, 2))));
                    break;
                case 15: details.StatusMessage = Encoding.UTF8.GetString(WireReader.Find(reader.Bytes, 2)); break;
            }
        return details;
    }

    private static SpanEvent ReadEvent(ReadOnlySpan<byte> message)
    {
        var (time, name, attributes) = (0L, "", new List<Tag>());
        var reader = new WireReader(message);
        while (reader.Read())
            switch (reader.Field)
            {
                case 1: time = (long)reader.Number; break;
                case 2: name = reader.Text; break;
                case 3: attributes.Add(OtlpValue.ReadAttribute(reader.Bytes)); break;
            }
        return new SpanEvent(time, name, attributes);
    }
}

/// <summary>What stands in a span beside its name and times.</summary>
public sealed class SpanDetails
{
    /// <summary>What tracing systems on the way added.</summary>
    public string TraceState { get; set; } = "";

    /// <summary>Why it failed.</summary>
    public string StatusMessage { get; set; } = "";

    /// <summary>What was said of it.</summary>
    public List<Tag> Attributes { get; } = [];

    /// <summary>What happened during it.</summary>
    public List<SpanEvent> Events { get; } = [];

    /// <summary>The spans that it has to do with.</summary>
    public List<SpanLink> Links { get; } = [];
}

/// <summary>Something that happened during a span.</summary>
public sealed record SpanEvent(long Time, string Name, IReadOnlyList<Tag> Attributes);

/// <summary>Another span that a span has to do with.</summary>
public readonly record struct SpanLink(TraceId Trace, ulong Span);
