using System.Buffers.Binary;
using System.Globalization;

namespace LocalAspire.Dashboard.Store;

/// <summary>The id of a trace, in its sixteen bytes.</summary>
public readonly record struct TraceId(ulong High, ulong Low)
{
    /// <summary>Whether there is none.</summary>
    public bool IsEmpty => (High | Low) == 0;

    /// <summary>Reads it from the wire; empty unless it has sixteen bytes.</summary>
    public static TraceId Read(ReadOnlySpan<byte> bytes) =>
        bytes.Length == 16 ? new(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..])) : default;

    /// <summary>Reads a span's id from the wire; 0 where there is none.</summary>
    public static ulong ReadSpan(ReadOnlySpan<byte> bytes) => bytes.Length == 8 ? BinaryPrimitives.ReadUInt64BigEndian(bytes) : 0;

    /// <summary>Reads its 32 hexadecimal digits.</summary>
    public static bool TryParse(string? text, out TraceId id)
    {
        id = default;
        if (text is not { Length: 32 } || !ulong.TryParse(text.AsSpan(0, 16), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var high)
            || !ulong.TryParse(text.AsSpan(16), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var low))
            return false;
        id = new TraceId(high, low);
        return true;
    }

    /// <summary>Ids are random: any half of one spreads well.</summary>
    public override int GetHashCode() => Low.GetHashCode();

    /// <summary>32 hexadecimal digits.</summary>
    public override string ToString() => $"{High:x16}{Low:x16}";
}
