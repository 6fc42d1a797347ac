using System.Text;
using Google.Protobuf;

namespace Shop.Bench.Dashboard;

/// <summary>Writes OTLP by field numbers: so that what measures costs little beside what is measured.</summary>
internal static class Otlp
{
    /// <summary>What a program sends: its name, and what one scope of it has to tell, in the repeated field 2.</summary>
    public static byte[] Request(string service, string scope, IEnumerable<byte[]> items) => Message(request => AddResource(request, service, scope, items));

    /// <summary>The same, as a part of a request that several programs share.</summary>
    public static void AddResource(CodedOutputStream request, string service, string scope, IEnumerable<byte[]> items) => Write(request, 1, Message(part =>
    {
        Write(part, 1, Message(resource => { Tag(resource, 1, "service.name", service); Tag(resource, 1, "service.instance.id", $"{service}-1"); }));
        Write(part, 2, Message(scoped =>
        {
            Write(scoped, 1, Message(name => Write(name, 1, Encoding.UTF8.GetBytes(scope))));
            foreach (var item in items)
                Write(scoped, 2, item);
        }));
    }));

    public static byte[] Message(Action<CodedOutputStream> write)
    {
        using var bytes = new MemoryStream();
        using (var message = new CodedOutputStream(bytes, leaveOpen: true))
            write(message);
        return bytes.ToArray();
    }

    public static void Write(CodedOutputStream message, int field, byte[] bytes)
    {
        message.WriteTag(field, WireFormat.WireType.LengthDelimited);
        message.WriteBytes(UnsafeByteOperations.UnsafeWrap(bytes));
    }

    public static void Write(CodedOutputStream message, int field, string text) => Write(message, field, Encoding.UTF8.GetBytes(text));

    public static void Number(CodedOutputStream message, int field, long number)
    {
        message.WriteTag(field, WireFormat.WireType.Varint);
        message.WriteInt64(number);
    }

    public static void Fixed(CodedOutputStream message, int field, ulong number)
    {
        message.WriteTag(field, WireFormat.WireType.Fixed64);
        message.WriteFixed64(number);
    }

    public static void Tag(CodedOutputStream message, int field, string key, string value) =>
        Write(message, field, Message(tag => { Write(tag, 1, key); Write(tag, 2, Message(any => Write(any, 1, value))); }));

    public static void Tag(CodedOutputStream message, int field, string key, long value) =>
        Write(message, field, Message(tag => { Write(tag, 1, key); Write(tag, 2, Message(any => Number(any, 3, value))); }));

    /// <summary>Nanoseconds since 1970.</summary>
    public static ulong Now => (ulong)(DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).Ticks * 100;
}
