using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Shop.Bench;

/// <summary>Speaks to the shop through its gateway, as customers and administrators do.</summary>
internal sealed class ShopClient(HttpClient http) : IDisposable
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>So much before its end a token is replaced.</summary>
    private static readonly TimeSpan TokenMargin = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<Guid, Account> _accounts = new() { [Admin] = new("admin@shop.local", AdminPassword) };

    /// <summary>The administrator's password that the shop is started with.</summary>
    public const string AdminPassword = "admin of the bench";

    /// <summary>Stands for the administrator where a user's id is asked for.</summary>
    public static readonly Guid Admin = Guid.Empty;

    public void Dispose() => http.Dispose();

    /// <summary>The id of a product of the seeded catalogue, counted from 1.</summary>
    public static Guid SeededProduct(int number) => Guid.Parse($"01980000-0000-7000-8000-{number:D12}");

    /// <summary>Registers a customer and signs them in: what passwords cost is paid here, before anything is measured.</summary>
    public async Task<Guid> CreateUserAsync(CancellationToken cancellationToken)
    {
        var account = NewAccount();
        var (status, body) = await InsistAsync(
            () =>
            {
                account = NewAccount(); // of one whose answer was lost nobody knows whether it is there
                var user = new JsonObject { ["email"] = account.Email, ["name"] = "Ann Lee", ["password"] = account.Password };
                return TrySendAsync(HttpMethod.Post, "/api/v1/users", JsonContent.Create(user), null, null, AnswerTimeout, cancellationToken);
            },
            cancellationToken);
        if (status != HttpStatusCode.Created)
            throw new InvalidOperationException($"No user could be made: {(int)status} {body?.ToJsonString()}");
        var id = body!["userId"]!.GetValue<Guid>();
        _accounts[id] = account;
        await GetTokenAsync(id, cancellationToken);
        return id;
    }

    private static Account NewAccount() => new($"{Guid.NewGuid():N}@example.com", "correct horse battery");

    public async Task SetStockAsync(Guid productId, int onHand, CancellationToken cancellationToken)
    {
        var stock = new JsonObject { ["onHand"] = onHand };
        var (status, _) = await AskAsync(Admin, HttpMethod.Put, $"/api/v1/inventory/{productId}", stock, null, null, cancellationToken);
        if (status != HttpStatusCode.OK)
            throw new InvalidOperationException($"The stock could not be set: {(int)status}");
    }

    public static JsonObject OrderFor(
        IEnumerable<(Guid ProductId, int Quantity)> lines, string paymentMethod = "tok_visa", string postalCode = "2611") => new()
    {
        ["items"] = new JsonArray([.. lines.Select(line => new JsonObject { ["productId"] = line.ProductId, ["quantity"] = line.Quantity })]),
        ["shippingAddress"] = new JsonObject
        {
            ["name"] = "Ann Lee", ["line1"] = "Kade 1", ["city"] = "Delft", ["postalCode"] = postalCode, ["country"] = "NL",
        },
        ["paymentMethod"] = paymentMethod,
    };

    public Task<Answer> PlaceOrderAsync(Guid userId, JsonObject order, string key, TimeSpan? impatience, CancellationToken cancellationToken) =>
        AskAsync(userId, HttpMethod.Post, "/api/v1/orders", order, key, impatience, cancellationToken);

    /// <summary>
    /// Sends a request, with the same key, until there is an answer that is final: not lost, not "unavailable", not "too many".
    /// </summary>
    /// <param name="caller">A user who has been created here, or <see cref="Admin"/>.</param>
    /// <param name="method">Of the request.</param>
    /// <param name="path">Of the request.</param>
    /// <param name="body">JSON, or nothing.</param>
    /// <param name="key">The idempotency key, where there must be one.</param>
    /// <param name="impatience">When to give the first attempt up, as if its answer had been lost.</param>
    /// <param name="cancellationToken">Ends the attempts.</param>
    public async Task<Answer> AskAsync(
        Guid caller, HttpMethod method, string path, JsonObject? body, string? key, TimeSpan? impatience, CancellationToken cancellationToken)
    {
        if (impatience is { } patience
            && await TrySendAsync(method, path, ToContent(body), key, await GetTokenAsync(caller, cancellationToken), patience, cancellationToken) is { } quick)
            return quick;
        return await InsistAsync(
            async () => await TrySendAsync(
                method, path, ToContent(body), key, await GetTokenAsync(caller, cancellationToken), AnswerTimeout, cancellationToken),
            cancellationToken);
    }

    private static JsonContent? ToContent(JsonObject? body) => body is null ? null : JsonContent.Create(body);

    /// <summary>The access token of an account; by password, when there is none or it ends soon: a run may be longer than a token lives.</summary>
    public async Task<string> GetTokenAsync(Guid caller, CancellationToken cancellationToken)
    {
        var account = _accounts[caller];
        if (account.Token is { } kept && kept.GoodUntil > DateTimeOffset.UtcNow)
            return kept.Value;

        var form = new Dictionary<string, string>
        {
            ["grant_type"] = "password", ["client_id"] = "shop-cli", ["username"] = account.Email, ["password"] = account.Password,
        };
        var (status, body) = await InsistAsync(
            () => TrySendAsync(HttpMethod.Post, "/connect/token", new FormUrlEncodedContent(form), null, null, AnswerTimeout, cancellationToken), cancellationToken);
        if (status != HttpStatusCode.OK)
            throw new InvalidOperationException($"Nobody could sign in: {(int)status} {body?.ToJsonString()}");
        var token = new Token(body!["access_token"]!.GetValue<string>(), DateTimeOffset.UtcNow.AddSeconds(body["expires_in"]!.GetValue<int>()) - TokenMargin);
        _accounts[caller] = account with { Token = token };
        return token.Value;
    }

    private static async Task<Answer> InsistAsync(Func<Task<Answer?>> send, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await send() is { } answer)
                return answer;
            await Task.Delay(Pause, cancellationToken);
        }
    }

    private async Task<Answer?> TrySendAsync(
        HttpMethod method, string path, HttpContent? content, string? key, string? token, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(timeout);
        using var request = new HttpRequestMessage(method, path) { Content = content };
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
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

    private sealed record Account(string Email, string Password, Token? Token = null);

    private sealed record Token(string Value, DateTimeOffset GoodUntil);
}

/// <summary>What the shop answered.</summary>
internal sealed record Answer(HttpStatusCode Status, JsonNode? Body);
