using System.Buffers.Binary;
using System.Text;

namespace LocalAspire.Tests.Dashboard;

/// <summary>Writes protobuf messages, to be read by the dashboard: <c>new WireWriter().Add(1, "text").Add(2, nested)</c>.</summary>
internal sealed class WireWriter
{
    private readonly List<byte> _bytes = [];

    public byte[] ToArray() => [.. _bytes];

    public WireWriter Add(int field, byte[] bytes)
    {
        Varint((ulong)field << 3 | 2);
        Varint((ulong)bytes.Length);
        _bytes.AddRange(bytes);
        return this;
    }

    public WireWriter Add(int field, string text) => Add(field, Encoding.UTF8.GetBytes(text));

    public WireWriter Add(int field, WireWriter message) => Add(field, message.ToArray());

    public WireWriter Number(int field, ulong number)
    {
        Varint((ulong)field << 3);
        Varint(number);
        return this;
    }

    public WireWriter Fixed64(int field, ulong number)
    {
        Varint((ulong)field << 3 | 1);
        _bytes.AddRange(Little(number));
        return this;
    }

    public WireWriter Double(int field, double number) => Fixed64(field, BitConverter.DoubleToUInt64Bits(number));

    public WireWriter Packed(int field, params IEnumerable<ulong> numbers) => Add(field, [.. numbers.SelectMany(Little)]);

    public WireWriter PackedVarints(int field, params IEnumerable<ulong> numbers)
    {
        var packed = new WireWriter();
        foreach (var number in numbers)
            packed.Varint(number);
        return Add(field, packed);
    }

    /// <summary>An attribute with text, in the repeated field of this number.</summary>
    public WireWriter Tag(int field, string key, string value) => Add(field, new WireWriter().Add(1, key).Add(2, new WireWriter().Add(1, value)));

    /// <summary>An attribute with a whole number.</summary>
    public WireWriter Tag(int field, string key, long value) => Add(field, new WireWriter().Add(1, key).Add(2, new WireWriter().Number(3, (ulong)value)));

    private void Varint(ulong number)
    {
        for (; number >= 0x80; number >>= 7)
            _bytes.Add((byte)(number | 0x80));
        _bytes.Add((byte)number);
    }

    private static byte[] Little(ulong number)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, number);
        return bytes;
    }
}
