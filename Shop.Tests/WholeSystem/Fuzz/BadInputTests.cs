using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Shop.Orders;
using Shop.Products;
using Shop.Users;

namespace Shop.Tests.WholeSystem.Fuzz;

/// <summary>Thousands of malformed requests through the gateway: each is refused in good order, and none leaves anything behind.</summary>
[Collection<SharedShop>]
public sealed partial class BadInputTests(RunningShop shop)
{
    /// <summary>Set it to see the requests of a run again.</summary>
    private const string SeedVariable = "SHOP_FUZZ_SEED";

    /// <summary>One that has found something; others by the variable. The same every time, so that a change that fails is the change's doing.</summary>
    private const int Seed = 1_656_443_908;

    private const int Requests = 10_000;
    private const int AtOnce = 8;

    /// <summary>The test ends by then, however slow the machine.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private int _closed;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task MalformedRequests_Thousands_AreRefusedInGoodOrderAndLeaveNothing()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable(SeedVariable), CultureInfo.InvariantCulture, out var given) ? given : Seed;
        TestContext.Current.TestOutputHelper!.WriteLine($"{SeedVariable}={seed}");
        var requests = new MalformedRequests(seed, await shop.Client.GetAsync("/openapi/v1.json"), await shop.Client.GetAsync("/openapi/v2.json"));
        string?[] tokens = [null, "nonsense", await shop.Client.GetTokenAsync(await shop.Client.CreateUserAsync())];
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8 });
        var address = shop.Client.Http.BaseAddress!;
        var stored = await CountAsync();
        var faults = new SortedSet<string>(StringComparer.Ordinal);
        var (sent, start) = (0, Stopwatch.GetTimestamp());

        await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(async number =>
        {
            while (Stopwatch.GetElapsedTime(start) < Limit)
            {
                HttpRequestMessage request;
                bool isHopeless;
                string what;
                lock (requests)
                {
                    if (sent++ >= Requests)
                        return;
                    (request, isHopeless, what) = requests.Next();
                    request.RequestUri = new Uri(address.GetLeftPart(UriPartial.Authority) + request.RequestUri!.PathAndQuery, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
                    if (tokens[sent % tokens.Length] is { } token)
                        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
                }

                using (request)
                {
                    if (await FindFaultAsync(http, request, isHopeless) is { } fault)
                    {
                        lock (faults)
                            faults.Add($"{fault}: {what}");
                    }
                }
            }
        }));

        TestContext.Current.TestOutputHelper.WriteLine($"{Math.Min(sent, Requests)} requests in {Stopwatch.GetElapsedTime(start).TotalSeconds:0} s");
        Assert.True(faults.Count == 0, $"{SeedVariable}={seed}: {faults.Count} faults\n{string.Join('\n', faults.Take(40))}");
        Assert.InRange(sent, 1_000, int.MaxValue);
        Assert.InRange(_closed, 0, sent / 10);
        Assert.Equal(stored, await CountAsync());
    }

    private async Task<string?> FindFaultAsync(HttpClient http, HttpRequestMessage request, bool isHopeless)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        patience.CancelAfter(TimeSpan.FromSeconds(20));
        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
            var status = (int)response.StatusCode;
            if (response.Content.Headers.ContentType?.MediaType == "text/event-stream")
                return null;
            var body = await response.Content.ReadAsStringAsync(patience.Token);
            if (status >= 500)
                return $"{status} {body}";
            if (Leak().Match(body) is { Success: true } leak)
                return $"shows '{leak.Value}'";
            if (isHopeless && status < 400)
                return $"accepted with {status}";
            return status < 400 || IsProblem(request, response) ? null : $"{status} as {response.Content.Headers.ContentType} '{body[..Math.Min(80, body.Length)]}'";
        }
        catch (HttpRequestException)
        {
            // What is too large is not read to its end: the connection may be closed before the answer is seen.
            Interlocked.Increment(ref _closed);
            return null;
        }
        catch (OperationCanceledException) when (!Cancelled.IsCancellationRequested)
        {
            return "no answer";
        }
    }

    /// <summary>What Kestrel refuses before routing has no body, and HEAD never has.</summary>
    private static bool IsProblem(HttpRequestMessage request, HttpResponseMessage response) =>
        response.Content.Headers.ContentType?.MediaType == "application/problem+json"
        || (response.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.RequestUriTooLong or HttpStatusCode.RequestHeaderFieldsTooLarge
            && response.Content.Headers.ContentLength == 0)
        || request.Method == HttpMethod.Head;

    private async Task<(int Users, int Products, int Orders)> CountAsync()
    {
        await using var users = await OpenAsync<UsersDbContext>("usersdb");
        await using var products = await OpenAsync<ProductsDbContext>("productsdb");
        await using var orders = await OpenAsync<OrdersDbContext>("ordersdb");
        return (await users.Users.CountAsync(Cancelled), await products.Products.CountAsync(Cancelled), await orders.Orders.CountAsync(Cancelled));
    }

    private async Task<TContext> OpenAsync<TContext>(string name)
        where TContext : DbContext =>
        new TestDatabase<TContext>((await shop.App.GetConnectionStringAsync(name, Cancelled))!).Open();

    [GeneratedRegex(@"   at |Exception|Npgsql|Microsoft\.|System\.|\.cs:line|Shop\.[A-Z]|MassTransit|127\.0\.0\.1|localhost|SELECT |stack", RegexOptions.CultureInvariant)]
    private static partial Regex Leak();
}
