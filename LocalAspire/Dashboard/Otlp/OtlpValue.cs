using System.Globalization;
using System.Text;

namespace LocalAspire.Dashboard.Otlp;

/// <summary>An attribute as a person reads it.</summary>
/// <param name="Key">Its name.</param>
/// <param name="Value">Its value; lists and maps as JSON has them.</param>
public readonly record struct Tag(string Key, string Value);

/// <summary>Reads OTLP's KeyValue and AnyValue.</summary>
internal static class OtlpValue
{
    /// <summary>All attributes that a message holds in the field of this number.</summary>
    public static List<Tag> ReadAttributes(ReadOnlySpan<byte> message, int field)
    {
        var attributes = new List<Tag>();
        var reader = new WireReader(message);
        while (reader.Read())
            if (reader.Field == field)
                attributes.Add(ReadAttribute(reader.Bytes));
        return attributes;
    }

    /// <summary>One KeyValue.</summary>
    public static Tag ReadAttribute(ReadOnlySpan<byte> keyValue) =>
        new(Encoding.UTF8.GetString(WireReader.Find(keyValue, 1)), ToText(WireReader.Find(keyValue, 2)));

    /// <summary>The value of the attribute with this key; null where there is none.</summary>
    public static string? Find(ReadOnlySpan<byte> message, int field, ReadOnlySpan<byte> key)
    {
        var reader = new WireReader(message);
        while (reader.Read())
            if (reader.Field == field && WireReader.Find(reader.Bytes, 1).SequenceEqual(key))
                return ToText(WireReader.Find(reader.Bytes, 2));
        return null;
    }

    /// <summary>An AnyValue as text; lists and maps as JSON has them.</summary>
    public static string ToText(ReadOnlySpan<byte> anyValue)
    {
        var reader = new WireReader(anyValue);
        if (!reader.Read())
            return "";
        if (reader.Field is 1)
            return reader.Text;
        var text = new StringBuilder();
        Append(text, anyValue, 0);
        return text.ToString();
    }

    private static void Append(StringBuilder text, ReadOnlySpan<byte> anyValue, int depth)
    {
        var reader = new WireReader(anyValue);
        if (!reader.Read() || depth > 32)
        {
            text.Append("null");
            return;
        }
        switch (reader.Field)
        {
            case 1: text.Append('"').Append(reader.Text.Replace("\"", "\\\"", StringComparison.Ordinal)).Append('"'); break;
            case 2: text.Append(reader.Number != 0 ? "true" : "false"); break;
            case 3: text.Append(CultureInfo.InvariantCulture, $"{(long)reader.Number}"); break;
            case 4: text.Append(CultureInfo.InvariantCulture, $"{reader.Double}"); break;
            case 5: AppendItems(text, reader.Bytes, '[', ']', depth); break;
            case 6: AppendItems(text, reader.Bytes, '{', '}', depth); break;
            case 7: text.Append(Convert.ToHexStringLower(reader.Bytes)); break;
        }
    }

    private static void AppendItems(StringBuilder text, ReadOnlySpan<byte> items, char open, char close, int depth)
    {
        text.Append(open);
        var reader = new WireReader(items);
        for (var first = true; reader.Read(); first = false)
        {
            if (!first)
                text.Append(',');
            if (open == '[')
            {
                Append(text, reader.Bytes, depth + 1);
                continue;
            }
            text.Append('"').Append(Encoding.UTF8.GetString(WireReader.Find(reader.Bytes, 1))).Append("\":");
            Append(text, WireReader.Find(reader.Bytes, 2), depth + 1);
        }
        text.Append(close);
    }
}
