using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;

namespace Shop.Bench.Reads;

/// <summary>Reads one product at one address, so many times at once; a request leaves when the one before it is answered.</summary>
internal sealed class ReadLoad(Uri address, string token) : IDisposable
{
    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler { UseCookies = false, UseProxy = false, ActivityHeadersPropagator = null });
    private readonly Uri _product = new(address, $"/api/v1/products/{ShopClient.SeededProduct(1)}");
    private readonly AuthenticationHeaderValue _authorization = new("Bearer", token);
    private readonly List<ReadFigures> _kept = [];

    /// <summary>The kept run with the middle rate.</summary>
    public ReadFigures Median => _kept.OrderBy(run => run.PerSecond).ElementAt(_kept.Count / 2);

    public void Dispose() => _http.Dispose();

    public void Keep(ReadFigures run) => _kept.Add(run);

    public async Task<ReadFigures> RunAsync(int concurrency, TimeSpan duration, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        var times = await Task.WhenAll(Enumerable.Range(0, concurrency).Select(_ => Task.Run(() => ReadUntilAsync(start, duration, cancellationToken), cancellationToken)));
        var elapsed = Stopwatch.GetElapsedTime(start);
        double[] sorted = [.. times.SelectMany(time => time).Order()];
        return new ReadFigures(sorted.Length / elapsed.TotalSeconds, sorted[sorted.Length / 2], sorted[sorted.Length * 99 / 100]);
    }

    private async Task<List<double>> ReadUntilAsync(long start, TimeSpan duration, CancellationToken cancellationToken)
    {
        var times = new List<double>();
        while (Stopwatch.GetElapsedTime(start) < duration)
        {
            var begun = Stopwatch.GetTimestamp();
            using var request = new HttpRequestMessage(HttpMethod.Get, _product) { Headers = { Authorization = _authorization } };
            using var response = await _http.SendAsync(request, cancellationToken);
            await response.Content.CopyToAsync(Stream.Null, cancellationToken);
            if (response.StatusCode != HttpStatusCode.OK)
                throw new InvalidOperationException($"{_product} was answered {(int)response.StatusCode}.");
            times.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
        }

        return times;
    }
}

/// <summary>Requests a second, and how long one took, in milliseconds.</summary>
internal sealed record ReadFigures(double PerSecond, double P50, double P99);
