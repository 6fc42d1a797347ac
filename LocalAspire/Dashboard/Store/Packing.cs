using System.IO.Compression;

namespace LocalAspire.Dashboard.Store;

/// <summary>
/// Puts records that lie together into a tenth of their space: they resemble each other in everything but ids and times. Fast is worth more here
/// than small, because a search unpacks everything.
/// </summary>
internal static class Packing
{
    /// <summary>What this thread unpacked last: whoever reads one record after the other unpacks their neighbours once, into the same array.</summary>
    [ThreadStatic] private static byte[]? _packed, _unpacked;

    /// <summary>Packs bytes.</summary>
    public static byte[] Pack(ReadOnlySpan<byte> bytes)
    {
        using var packed = new MemoryStream();
        using (var stream = new DeflateStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            stream.Write(bytes);
        return packed.ToArray();
    }

    /// <summary>What was packed. It is there until this thread unpacks something else.</summary>
    public static ReadOnlySpan<byte> Unpack(byte[] packed, int length)
    {
        if (!ReferenceEquals(packed, _packed))
        {
            _packed = null;
            if (_unpacked is null || _unpacked.Length < length)
                _unpacked = new byte[length];
            using var stream = new DeflateStream(new MemoryStream(packed), CompressionMode.Decompress);
            stream.ReadExactly(_unpacked, 0, length);
            _packed = packed;
        }
        return _unpacked.AsSpan(0, length);
    }
}
