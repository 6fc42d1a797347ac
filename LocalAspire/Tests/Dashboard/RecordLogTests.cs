using System.Security.Cryptography;
using LocalAspire.Dashboard.Store;

namespace LocalAspire.Tests.Dashboard;

public class RecordLogTests
{
    private readonly RecordLog<int> _log = new(capacity: 1_000);

    [Theory]
    [InlineData(0)]
    [InlineData(200)]
    [InlineData(100_000)]
    public void Body_OfPackedSegments_IsWhatWasAdded(int length)
    {
        byte[][] bodies = [.. Enumerable.Range(0, 300).Select(number => RandomNumberGenerator.GetBytes(length / (number % 3 + 1)))];
        foreach (var (number, body) in bodies.Index())
            _log.Add(number, body);

        // Back and forth between the segments, the last of which is not packed.
        foreach (var number in Enumerable.Range(0, 300).OrderBy(number => number % 7))
            Assert.Equal(bodies[number], _log.Body(number));
        foreach (var slice in _log.Slices())
            for (var i = 0; i < slice.Count; i++)
                Assert.Equal(bodies[slice.Entries[i]], slice.Body(i));
    }

    [Fact]
    public void Slice_TakenBeforeItsSegmentIsPackedAndDropped_StillGivesItsRecords()
    {
        _log.Add(0, "first"u8);
        var slice = Assert.Single(_log.Slices());

        for (var number = 1; number < 100; number++)
            _log.Add(number, "another"u8);
        _log.DropOldest();

        Assert.Equal(1, slice.Count);
        Assert.Equal("first"u8, slice.Body(0));
    }

    [Fact]
    public void Slices_OfRecordsThatResembleEachOther_TakeLittle()
    {
        for (var number = 0; number < 1_000; number++)
            _log.Add(number, [.. RandomNumberGenerator.GetBytes(16), .. "http.request.method POST url.path /api/v1/orders db.query.text INSERT INTO orders (id, user_id) VALUES (@p0, @p1)"u8]);

        Assert.InRange(_log.Slices().Sum(slice => slice.Bytes.Length), 16_000, 45_000);
    }
}
