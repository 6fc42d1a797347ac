using static Shop.Bench.Dashboard.Otlp;

namespace Shop.Bench.Dashboard;

/// <summary>Makes OTLP requests with log records and metrics, so that the pages of both have something to show.</summary>
internal static class PageLoad
{
    /// <summary>An instrument that is there.</summary>
    public const string Service = "orders", Scope = "Shop", Histogram = "request.duration.0";

    private const int Instruments = 40;
    private const int SeriesPerInstrument = 4;
    private static readonly double[] Bounds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

    /// <summary>Log records, a twentieth of them warnings.</summary>
    public static byte[] Logs(int count) => Request(Service, "Shop.Orders.Saga", Enumerable.Range(0, count).Select(number => Message(log =>
    {
        Fixed(log, 1, Now);
        Number(log, 2, number % 20 == 0 ? 13 : 9);
        Write(log, 5, Message(any => Write(any, 1, "Order {OrderId} went from {From} to {To}")));
        Tag(log, 6, "OrderId", Guid.CreateVersion7().ToString());
        Tag(log, 6, "From", "Pending");
        Tag(log, 6, "To", "Confirmed");
    })));

    /// <summary>A point of every histogram, each so many seconds ago.</summary>
    public static byte[] Metrics(int secondsAgo) => Request(Service, Scope, Enumerable.Range(0, Instruments).Select(instrument => Message(metric =>
    {
        Write(metric, 1, $"request.duration.{instrument}");
        Write(metric, 3, "s");
        Write(metric, 9, Message(histogram =>
        {
            for (var series = 0; series < SeriesPerInstrument; series++)
                Write(histogram, 1, Point(secondsAgo, $"/api/v1/{series}"));
            Number(histogram, 2, 2); // cumulative
        }));
    })));

    private static byte[] Point(int secondsAgo, string route) => Message(point =>
    {
        var count = (ulong)(100_000 - secondsAgo);
        Fixed(point, 2, Now - 3_600_000_000_000);
        Fixed(point, 3, Now - (ulong)secondsAgo * 1_000_000_000);
        Fixed(point, 4, count);
        Fixed(point, 5, BitConverter.DoubleToUInt64Bits(count / 100.0));
        Write(point, 6, [.. Enumerable.Repeat(BitConverter.GetBytes(count / (ulong)(Bounds.Length + 1)), Bounds.Length + 1).SelectMany(bucket => bucket)]);
        Write(point, 7, [.. Bounds.SelectMany(BitConverter.GetBytes)]);
        Tag(point, 9, "http.route", route);
    });
}
