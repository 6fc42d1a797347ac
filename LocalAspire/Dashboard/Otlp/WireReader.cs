using System.Buffers.Binary;
using System.Text;

namespace LocalAspire.Dashboard.Otlp;

/// <summary>
/// Reads one message of the protobuf wire format, field by field, without copying it: <c>while (reader.Read()) switch (reader.Field)</c>.
/// Field numbers are those of OTLP's specification; unknown fields are passed over.
/// </summary>
internal ref struct WireReader(ReadOnlySpan<byte> message)
{
    private ReadOnlySpan<byte> _rest = message;

    /// <summary>The number of the field just read.</summary>
    public int Field { get; private set; }

    /// <summary>Its value, where it is a number of any kind.</summary>
    public ulong Number { get; private set; }

    /// <summary>Its value, where it is a string, bytes or a message.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>Its value as text.</summary>
    public readonly string Text => Encoding.UTF8.GetString(Bytes);

    /// <summary>Its value as a floating-point number.</summary>
    public readonly double Double => BitConverter.UInt64BitsToDouble(Number);

    /// <summary>Moves to the next field; false at the end of the message.</summary>
    /// <exception cref="InvalidDataException">This is no message.</exception>
    public bool Read()
    {
        if (_rest.IsEmpty)
            return false;
        var tag = Varint();
        Field = (int)(tag >> 3);
        Bytes = default;
        switch (tag & 7)
        {
            case 0: Number = Varint(); break;
            case 1: Number = BinaryPrimitives.ReadUInt64LittleEndian(Take(8)); break;
            case 2: Bytes = Take(Varint()); break;
            case 5: Number = BinaryPrimitives.ReadUInt32LittleEndian(Take(4)); break;
            default: throw new InvalidDataException($"field {Field} has wire type {tag & 7}, which protobuf does not know");
        }
        return true;
    }

    /// <summary>Adds a repeated number of fixed length, whether packed into one field or not.</summary>
    public readonly void AddFixed64To(List<ulong> numbers)
    {
        if (Bytes.IsEmpty)
            numbers.Add(Number);
        for (var rest = Bytes; rest.Length >= 8; rest = rest[8..])
            numbers.Add(BinaryPrimitives.ReadUInt64LittleEndian(rest));
    }

    /// <summary>Adds a repeated number of variable length, whether packed into one field or not.</summary>
    public readonly void AddVarintsTo(List<ulong> numbers)
    {
        if (Bytes.IsEmpty)
            numbers.Add(Number);
        for (var packed = new WireReader(Bytes); !packed._rest.IsEmpty;)
            numbers.Add(packed.Varint());
    }

    /// <summary>What protobuf calls sint32 and sint64.</summary>
    public static long ZigZag(ulong number) => (long)(number >> 1) ^ -(long)(number & 1);

    /// <summary>The first field of this number in a message; empty where there is none.</summary>
    public static ReadOnlySpan<byte> Find(ReadOnlySpan<byte> message, int field)
    {
        var reader = new WireReader(message);
        while (reader.Read())
            if (reader.Field == field)
                return reader.Bytes;
        return default;
    }

    private ulong Varint()
    {
        ulong value = 0;
        for (var i = 0; i < 10; i++)
        {
            if (i == _rest.Length)
                throw new InvalidDataException("the message ends within a number");
            value |= (ulong)(_rest[i] & 0x7f) << (7 * i);
            if (_rest[i] >= 0x80)
                continue;
            _rest = _rest[(i + 1)..];
            return value;
        }
        throw new InvalidDataException("a number is longer than ten bytes");
    }

    private ReadOnlySpan<byte> Take(ulong length)
    {
        if (length > (ulong)_rest.Length)
            throw new InvalidDataException("the message ends within a field");
        var taken = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return taken;
    }
}
