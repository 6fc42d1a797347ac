using System.Buffers;
using System.Globalization;
using System.Text;
using LocalAspire.Dashboard.Otlp;
using LocalAspire.Dashboard.Store;

namespace LocalAspire.Dashboard.Search;

/// <summary>A word, or a condition on an attribute. Records are searched as the bytes they came in, most of them without decoding anything.</summary>
internal sealed class SearchTerm
{
    private readonly string _operator;
    private readonly string _value;
    private readonly byte[] _key;
    private readonly double? _number;

    /// <summary>
    /// Whether the value can be nothing but text, which lies in a record as it was typed. Numbers, truth values, bytes and lists are written
    /// otherwise there.
    /// </summary>
    private readonly bool _isText;

    private readonly SearchValues<string> _text;
    private readonly TraceId _traceId;
    private readonly ulong _spanId;

    public SearchTerm(string? key, string @operator, string value)
    {
        Key = key;
        _operator = @operator;
        _value = value;
        _key = Encoding.UTF8.GetBytes(key ?? "");
        _number = double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;
        _isText = @operator is "=" or "~" && _number is null && value.Length > 5 && !value.All(char.IsAsciiHexDigit) && value.AsSpan().IndexOfAny("[]{}\"") < 0;
        // UTF-8 seen as Latin-1: a char a byte, on both sides of the comparison.
        _text = SearchValues.Create([Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(value))], StringComparison.OrdinalIgnoreCase);
        if (!TraceId.TryParse(value, out _traceId) && value.Length == 16)
            _ = ulong.TryParse(value, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out _spanId);
    }

    /// <summary>Which attribute; null for a word that may be anywhere.</summary>
    public string? Key { get; }

    /// <summary>Whether a record is the one whose id was given, or holds the word.</summary>
    public bool MatchesRecord(TraceId trace, ulong span, ReadOnlySpan<byte> record) =>
        (!_traceId.IsEmpty && trace == _traceId) || (_spanId != 0 && span == _spanId) || Contains(record);

    /// <summary>Whether a value fulfils the condition; a missing one never does.</summary>
    public bool Matches(string? value) => value is not null && _operator switch
    {
        "=" => value.Equals(_value, StringComparison.OrdinalIgnoreCase),
        "!=" => !value.Equals(_value, StringComparison.OrdinalIgnoreCase),
        "~" or "" => value.Contains(_value, StringComparison.OrdinalIgnoreCase),
        _ => _number is { } limit && double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && _operator switch
        {
            ">" => number > limit,
            ">=" => number >= limit,
            "<" => number < limit,
            _ => number <= limit,
        },
    };

    /// <summary>Whether an attribute that the message holds in this field fulfils the condition.</summary>
    public bool MatchesAttribute(ReadOnlySpan<byte> message, int field) => Matches(OtlpValue.Find(message, field, _key));

    /// <summary>Whether a record can have an attribute that fulfils the condition; tells at once of most that they cannot.</summary>
    public bool MayMatch(ReadOnlySpan<byte> record) => record.IndexOf(_key) >= 0 && (!_isText || Contains(record));

    private bool Contains(ReadOnlySpan<byte> record)
    {
        var buffer = ArrayPool<char>.Shared.Rent(record.Length);
        try
        {
            Encoding.Latin1.GetChars(record, buffer);
            return buffer.AsSpan(0, record.Length).ContainsAny(_text);
        }
        finally
        {
            ArrayPool<char>.Shared.Return(buffer);
        }
    }
}
