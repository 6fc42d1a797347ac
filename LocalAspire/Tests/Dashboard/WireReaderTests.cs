using LocalAspire.Dashboard.Otlp;

namespace LocalAspire.Tests.Dashboard;

public class WireReaderTests
{
    [Fact]
    public void Read_EveryKindOfField_GivesNumberAndValue()
    {
        var reader = new WireReader(new WireWriter().Number(1, 300).Fixed64(2, ulong.MaxValue).Add(3, "text").Double(400, 0.5).ToArray());

        Assert.True(reader.Read());
        Assert.Equal((1, 300UL), (reader.Field, reader.Number));
        Assert.True(reader.Read());
        Assert.Equal((2, ulong.MaxValue), (reader.Field, reader.Number));
        Assert.True(reader.Read());
        Assert.Equal((3, "text"), (reader.Field, reader.Text));
        Assert.True(reader.Read());
        Assert.Equal((400, 0.5), (reader.Field, reader.Double));
        Assert.False(reader.Read());
    }

    [Theory]
    [InlineData(new byte[] { 0x0a, 0x05, 0x01 }, "within a field")]
    [InlineData(new byte[] { 0x08, 0x80 }, "within a number")]
    [InlineData(new byte[] { 0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01 }, "longer than ten")]
    [InlineData(new byte[] { 0x0b }, "wire type 3")]
    [InlineData(new byte[] { 0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f }, "within a field")]
    public void Read_BrokenMessage_SaysWhatIsWrong(byte[] message, string wrong)
    {
        var error = Assert.Throws<InvalidDataException>(() =>
        {
            var reader = new WireReader(message);
            while (reader.Read())
                Assert.NotEqual(0, reader.Field);
        });

        Assert.Contains(wrong, error.Message);
    }

    [Fact]
    public void Attribute_OfEveryType_ReadsAsText()
    {
        var list = new WireWriter().Add(1, new WireWriter().Add(1, "a")).Add(1, new WireWriter().Number(3, 7));
        var map = new WireWriter().Add(1, new WireWriter().Add(1, "k").Add(2, new WireWriter().Number(2, 1)));
        (WireWriter Value, string Text)[] values =
        [
            (new WireWriter().Add(1, "text"), "text"), (new WireWriter().Number(2, 1), "true"), (new WireWriter().Number(3, ulong.MaxValue), "-1"),
            (new WireWriter().Double(4, 1.5), "1.5"), (new WireWriter().Add(5, list), "[\"a\",7]"), (new WireWriter().Add(6, map), "{\"k\":true}"),
            (new WireWriter().Add(7, [1, 255]), "01ff"), (new WireWriter(), ""),
        ];

        Assert.All(values, value => Assert.Equal(value.Text, OtlpValue.ToText(value.Value.ToArray())));
    }

    [Fact]
    public void ZigZag_EveryOtherNumber_IsNegative() =>
        Assert.Equal([0L, -1, 1, -2, 2], new ulong[] { 0, 1, 2, 3, 4 }.Select(WireReader.ZigZag));
}
