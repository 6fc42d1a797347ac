using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Shop.Bench;

/// <summary>Speaks to the shop through its gateway, as customers and administrators do.</summary>
internal sealed class ShopClient(HttpClient http) : IDisposable
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    public void Dispose() => http.Dispose();

    /// <summary>The id of a product of the seeded catalogue, counted from 1.</summary>
    public static Guid SeededProduct(int number) => Guid.Parse($"01980000-0000-7000-8000-{number:D12}");

    public async Task<Guid> CreateUserAsync(CancellationToken cancellationToken)
    {
        var user = new JsonObject { ["email"] = $"{Guid.NewGuid():N}@example.com", ["name"] = "Ann Lee", ["password"] = "correct horse battery" };
        var (status, body) = await AskAsync(HttpMethod.Post, "/api/v1/users", user, null, null, cancellationToken);
        return status == HttpStatusCode.Created ? body!["userId"]!.GetValue<Guid>()
            : throw new InvalidOperationException($"No user could be made: {(int)status} {body?.ToJsonString()}");
    }

    public async Task SetStockAsync(Guid productId, int onHand, CancellationToken cancellationToken)
    {
        var stock = new JsonObject { ["onHand"] = onHand };
        var (status, _) = await AskAsync(HttpMethod.Put, $"/api/v1/inventory/{productId}", stock, null, null, cancellationToken);
        if (status != HttpStatusCode.OK)
            throw new InvalidOperationException($"The stock could not be set: {(int)status}");
    }

    public static JsonObject OrderFor(
        Guid userId, IEnumerable<(Guid ProductId, int Quantity)> lines, string paymentMethod = "tok_visa", string postalCode = "2611") => new()
    {
        ["userId"] = userId,
        ["items"] = new JsonArray([.. lines.Select(line => new JsonObject { ["productId"] = line.ProductId, ["quantity"] = line.Quantity })]),
        ["shippingAddress"] = new JsonObject
        {
            ["name"] = "Ann Lee", ["line1"] = "Kade 1", ["city"] = "Delft", ["postalCode"] = postalCode, ["country"] = "NL",
        },
        ["paymentMethod"] = paymentMethod,
    };

    public Task<Answer> PlaceOrderAsync(JsonObject order, string key, TimeSpan? impatience, CancellationToken cancellationToken) =>
        AskAsync(HttpMethod.Post, "/api/v1/orders", order, key, impatience, cancellationToken);

    /// <summary>
    /// Sends a request, with the same key, until there is an answer that is final: not lost, not "unavailable", not "too many".
    /// </summary>
    /// <param name="method">Of the request.</param>
    /// <param name="path">Of the request.</param>
    /// <param name="body">JSON, or nothing.</param>
    /// <param name="key">The idempotency key, where there must be one.</param>
    /// <param name="impatience">When to give the first attempt up, as if its answer had been lost.</param>
    /// <param name="cancellationToken">Ends the attempts.</param>
    public async Task<Answer> AskAsync(
        HttpMethod method, string path, JsonObject? body, string? key, TimeSpan? impatience, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await TryAskAsync(method, path, body, key, impatience ?? AnswerTimeout, cancellationToken) is { } answer)
                return answer;
            if (impatience is null)
                await Task.Delay(Pause, cancellationToken);
            impatience = null;
        }
    }

    private async Task<Answer?> TryAskAsync(
        HttpMethod method, string path, JsonObject? body, string? key, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(timeout);
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
            request.Content = JsonContent.Create(body);
        if (key is not null)
            request.Headers.Add("Idempotency-Key", key);
        try
        {
            using var response = await http.SendAsync(request, patience.Token);
            if ((int)response.StatusCode >= 500 || response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout)
                return null;
            var text = await response.Content.ReadAsStringAsync(patience.Token);
            return new(response.StatusCode, text.StartsWith('{') ? JsonNode.Parse(text) : null);
        }
        catch (Exception lost) when (lost is HttpRequestException or IOException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }
}

/// <summary>What the shop answered.</summary>
internal sealed record Answer(HttpStatusCode Status, JsonNode? Body);
