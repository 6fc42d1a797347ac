namespace LocalAspire.Dashboard.Store;

/// <summary>
/// Keeps the newest records: of each what is asked for often as <typeparamref name="T"/>, and the rest as the bytes that came over the wire.
/// Bytes lie together in segments, of which all but the newest are packed: that costs little memory and the garbage collector next to nothing, and
/// is fast to search. Not safe for several threads; but a <see cref="Slice"/> taken once can be read while records are added and dropped.
/// The bytes of a record are there until the same thread reads a record of another segment: whoever needs them longer copies them.
/// </summary>
internal sealed class RecordLog<T>(int capacity)
{
    /// <summary>How many bytes a record may have on average, lest a few large ones take all memory.</summary>
    private const int AverageBytes = 1024;

    /// <summary>The most bytes of a segment that is packed, lest every thread that reads keeps much more room to unpack it in.</summary>
    private const int MaxPackedBytes = 1 << 20;

    /// <summary>How many records are packed together: with fewer they take more room, with more it takes longer to read one of them.</summary>
    private readonly int _segmentSize = Math.Clamp(capacity / 32, 16, 128);
    private readonly List<Segment> _segments = [];
    private long _bytes;

    /// <summary>The number of the oldest record kept, and of the next to come.</summary>
    public long First { get; private set; }

    /// <inheritdoc cref="First"/>
    public long Next { get; private set; }

    /// <summary>The columns of a record that is kept.</summary>
    public ref readonly T this[long number] => ref SegmentOf(number).Entries[(int)(number % _segmentSize)];

    /// <summary>The bytes of a record that is kept.</summary>
    public ReadOnlySpan<byte> Body(long number) => SegmentOf(number).Slice(First).Body((int)(number % _segmentSize));

    /// <summary>Whether as many records are kept as may be, so that the oldest should be dropped.</summary>
    public bool IsFull => _segments.Count > 1 && (Next - First - _segments[0].Count >= capacity || _bytes - _segments[0].Used > (long)capacity * AverageBytes);

    /// <summary>Adds a record and returns its number.</summary>
    public long Add(in T entry, ReadOnlySpan<byte> body)
    {
        if (Next % _segmentSize == 0)
        {
            // Records resemble each other: the next segment is made as large as the last became, so that it need not grow.
            var expected = 0;
            if (_segments is [.., var full])
            {
                expected = full.Used + full.Used / 16;
                full.Pack();
            }
            _segments.Add(new Segment(_segmentSize, expected));
        }
        var segment = _segments[^1];
        if (segment.Used + body.Length > segment.Bytes.Length)
            Array.Resize(ref segment.Bytes, Math.Max(segment.Used + body.Length, segment.Bytes.Length + Math.Max(16 * 1024, segment.Bytes.Length / 2)));
        body.CopyTo(segment.Bytes.AsSpan(segment.Used));
        segment.Used += body.Length;
        _bytes += body.Length;
        segment.Entries[segment.Count] = entry;
        segment.Ends[segment.Count++] = segment.Used;
        return Next++;
    }

    /// <summary>Drops the oldest records, and returns them.</summary>
    public ReadOnlySpan<T> DropOldest()
    {
        var oldest = _segments[0];
        _segments.RemoveAt(0);
        _bytes -= oldest.Used;
        First += oldest.Count;
        return oldest.Entries.AsSpan(0, oldest.Count);
    }

    /// <summary>Everything there is now, oldest first.</summary>
    public Slice[] Slices()
    {
        var slices = new Slice[_segments.Count];
        var first = First;
        for (var i = 0; i < slices.Length; first += _segments[i++].Count)
            slices[i] = _segments[i].Slice(first);
        return slices;
    }

    private Segment SegmentOf(long number) => _segments[(int)((number - First) / _segmentSize)];

    /// <summary>Records that follow each other.</summary>
    internal sealed record Slice(long First, int Count, T[] Entries, int[] Ends, byte[] Bytes, bool IsPacked)
    {
        public ReadOnlySpan<byte> Body(int index)
        {
            var start = index == 0 ? 0 : Ends[index - 1];
            return (IsPacked ? Packing.Unpack(Bytes, Ends[^1]) : Bytes)[start..Ends[index]];
        }
    }

    private sealed class Segment(int size, int expectedBytes)
    {
        public readonly T[] Entries = new T[size];
        public readonly int[] Ends = new int[size];
        public byte[] Bytes = expectedBytes == 0 ? [] : new byte[expectedBytes];
        public int Used, Count;
        private bool _isPacked;

        public Slice Slice(long first) => new(first, Count, Entries, Ends, Bytes, _isPacked);

        /// <summary>Takes the room that was left over away, and packs what there is.</summary>
        public void Pack()
        {
            _isPacked = Used <= MaxPackedBytes;
            Bytes = _isPacked ? Packing.Pack(Bytes.AsSpan(0, Used)) : Bytes[..Used];
        }
    }
}
