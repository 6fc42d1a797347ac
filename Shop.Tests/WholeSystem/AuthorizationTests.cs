using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.IdentityModel.Tokens;
using Shop.Tests.Identity;
using Shop.Users;
using Shop.Users.SignIn;

namespace Shop.Tests.WholeSystem;

/// <summary>
/// Every route, asked by everybody there is: a route that is not in <see cref="Rules"/> fails, and so does a rule without a route.
/// </summary>
[Collection<SharedShop>]
public sealed class AuthorizationTests(RunningShop shop)
{
    /// <summary>Who may use a route.</summary>
    private enum Who
    {
        /// <summary>Everybody, with a good token, a bad one, or none.</summary>
        Anyone,

        /// <summary>Every customer: the answer is their own.</summary>
        Customer,

        /// <summary>Whose it is, and administrators; to others it does not exist.</summary>
        Owner,

        /// <summary>Administrators.</summary>
        Admin,

        /// <summary>Whoever has signed the body: no token helps.</summary>
        Signed,
    }

    /// <summary>The table of the API. Users are in it as version 2 alone, of which the gateway makes version 1.</summary>
    private static readonly Dictionary<string, Who> Rules = new()
    {
        ["POST /api/v2/users"] = Who.Anyone,
        ["GET /api/v2/users"] = Who.Admin,
        ["GET /api/v2/users/{id}"] = Who.Owner,
        ["PUT /api/v2/users/{id}"] = Who.Owner,
        ["DELETE /api/v2/users/{id}"] = Who.Owner,
        ["PUT /api/v2/users/{id}/roles"] = Who.Admin,
        ["GET /api/v2/users/{id}/addresses"] = Who.Owner,
        ["PUT /api/v2/users/{id}/addresses"] = Who.Owner,
        ["DELETE /api/v2/users/{id}/addresses"] = Who.Owner,
        ["GET /api/v2/users/{id}/preferences"] = Who.Owner,
        ["PUT /api/v2/users/{id}/preferences"] = Who.Owner,
        ["DELETE /api/v2/users/{id}/preferences"] = Who.Owner,
        ["GET /api/v1/users/{userId}/orders"] = Who.Owner,
        ["GET /api/v1/users/{userId}/notifications"] = Who.Owner,
        ["GET /api/v1/products"] = Who.Anyone,
        ["GET /api/v1/products/{id}"] = Who.Anyone,
        ["POST /api/v1/products"] = Who.Admin,
        ["PUT /api/v1/products/{id}"] = Who.Admin,
        ["DELETE /api/v1/products/{id}"] = Who.Admin,
        ["GET /api/v2/products"] = Who.Anyone,
        ["GET /api/v2/products/{id}"] = Who.Anyone,
        ["POST /api/v2/products"] = Who.Admin,
        ["PUT /api/v2/products/{id}"] = Who.Admin,
        ["DELETE /api/v2/products/{id}"] = Who.Admin,
        ["GET /api/v1/storefront"] = Who.Anyone,
        ["GET /api/v1/inventory"] = Who.Anyone,
        ["GET /api/v1/inventory/{productId}"] = Who.Anyone,
        ["PUT /api/v1/inventory/{productId}"] = Who.Admin,
        ["POST /api/v1/orders"] = Who.Customer,
        ["GET /api/v1/orders"] = Who.Customer,
        ["GET /api/v1/orders/{id}"] = Who.Owner,
        ["POST /api/v2/orders"] = Who.Customer,
        ["GET /api/v2/orders"] = Who.Customer,
        ["GET /api/v2/orders/{id}"] = Who.Owner,
        ["GET /api/v1/orders/{id}/details"] = Who.Owner,
        ["GET /api/v1/orders/{id}/events"] = Who.Owner,
        ["GET /api/v1/orders/{id}/timeline"] = Who.Owner,
        ["POST /api/v1/orders/{id}/cancellation"] = Who.Owner,
        ["GET /api/v1/orders/{orderId}/payment"] = Who.Owner,
        ["GET /api/v1/orders/{orderId}/shipment"] = Who.Owner,
        ["POST /api/v1/payments/webhooks"] = Who.Signed,
        ["GET /api/v1/operations/overview"] = Who.Admin,
        ["GET /api/v1/operations/messages"] = Who.Admin,
        ["POST /api/v1/operations/messages/{id}/redelivery"] = Who.Admin,
        ["POST /api/v1/operations/queues/{queue}/redelivery"] = Who.Admin,
        ["GET /api/v1/operations/redeliveries"] = Who.Admin,
        ["GET /api/v1/shipments"] = Who.Admin,
        ["GET /api/v1/shipments/{id}"] = Who.Admin,
        ["PUT /api/v1/shipments/{id}"] = Who.Admin,
    };

    private readonly ShopClient _client = shop.Client;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Routes_AskedByEverybody_AnswerAsTheirRuleSays()
    {
        Assert.Equal(
            await _client.GetRoutesAsync(),
            Rules.Keys.SelectMany(AtTheGateway).Order(StringComparer.Ordinal));
        var (owner, other) = (await _client.CreateUserAsync(), await _client.CreateUserAsync());
        var order = await _client.PlaceOrderAsync(ShopClient.OrderFor(owner, ShopClient.SeededProduct(43), 1));
        var shipment = await _client.GetAsync($"/api/v1/orders/{order["id"]}/shipment");
        var callers = await CallersAsync(owner, other);

        var wrong = new List<string>();
        foreach (var (route, rule) in Rules.SelectMany(rule => AtTheGateway(rule.Key).Select(route => (route, rule.Value))))
        {
            var (method, path) = (route.Split(' ')[0], Fill(route.Split(' ')[1], owner, order["id"]!.ToString(), shipment["id"]!.ToString()));
            foreach (var (caller, token) in callers)
            {
                if (method == "DELETE" && path.EndsWith(owner.ToString(), StringComparison.Ordinal) && caller is "owner" or "admin")
                    continue; // tried where accounts are deleted
                var status = await AskAsync(method, path, token);
                var isLetIn = status == HttpStatusCode.NotFound && caller == "admin" && path.EndsWith("/redelivery", StringComparison.Ordinal); // nothing is dead
                if (!isLetIn && !IsRight(rule, caller, method, status))
                    wrong.Add($"{route}, {caller}: {(int)status}");
            }
        }

        Assert.Empty(wrong);
    }

    [Theory]
    [InlineData("users", "GET", "/api/v2/users/{id}")]
    [InlineData("products", "POST", "/api/v2/products")]
    [InlineData("orders", "GET", "/api/v1/orders")]
    [InlineData("inventory", "PUT", "/api/v1/inventory/{id}")]
    [InlineData("payments", "GET", "/api/v1/orders/{id}/payment")]
    [InlineData("shipping", "GET", "/api/v1/shipments")]
    [InlineData("notifications", "GET", "/api/v1/users/{id}/notifications")]
    public async Task Service_AskedPastTheGateway_LooksAtTheTokenItself(string service, string method, string path)
    {
        var owner = await _client.CreateUserAsync();
        using var inside = shop.App.CreateHttpClient(service);
        foreach (var (caller, token) in await CallersAsync(owner, owner))
        {
            var status = await AskAsync(method, path.Replace("{id}", owner.ToString(), StringComparison.Ordinal), token, inside);
            if (caller is "owner" or "another customer" or "admin")
                Assert.NotEqual(HttpStatusCode.Unauthorized, status);
            else
                Assert.True(status == HttpStatusCode.Unauthorized, $"{service} answered {(int)status} to {caller}.");
        }
    }

    [Fact]
    public async Task Gateway_HeadersThatPretendAnIdentity_HelpNobody()
    {
        var owner = await _client.CreateUserAsync();
        foreach (var (name, value) in new[] { ("X-User-Id", owner.ToString()), ("X-Roles", "admin"), ("X-Forwarded-User", "admin@shop.local"), ("X-MS-Client-Principal", "e30=") })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v2/users/{owner}");
            request.Headers.Authorization = AdminSignIn.Nobody;
            request.Headers.Add(name, value);
            using var response = await _client.Http.SendAsync(request, Cancelled);
            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        }
    }

    private static IEnumerable<string> AtTheGateway(string route) =>
        route.Contains("/v2/users", StringComparison.Ordinal) ? [route, route.Replace("/v2/", "/v1/", StringComparison.Ordinal)] : [route];

    private static bool IsRight(Who rule, string caller, string method, HttpStatusCode status)
    {
        HttpStatusCode? refusal = (rule, caller) switch
        {
            (Who.Signed, _) => HttpStatusCode.Unauthorized,
            (Who.Anyone, _) or (_, "admin") => null,
            (_, not ("owner" or "another customer")) => HttpStatusCode.Unauthorized,
            (Who.Admin, _) => HttpStatusCode.Forbidden,
            (Who.Owner, "another customer") => HttpStatusCode.NotFound,
            _ => null,
        };
        // Who is let in may still have sent nothing useful: an empty body.
        return refusal is { } expected ? status == expected
            : method == "GET" ? status == HttpStatusCode.OK
            : (int)status < 500 && status is not (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed);
    }

    private static string Fill(string path, Guid owner, string order, string shipment) => path
        .Replace("/users/{id}", $"/users/{owner}", StringComparison.Ordinal)
        .Replace("/messages/{id}", $"/messages/{Guid.NewGuid()}", StringComparison.Ordinal)
        .Replace("{queue}", "reserve-stock", StringComparison.Ordinal)
        .Replace("{userId}", owner.ToString(), StringComparison.Ordinal)
        .Replace("/orders/{id}", $"/orders/{order}", StringComparison.Ordinal)
        .Replace("{orderId}", order, StringComparison.Ordinal)
        .Replace("/shipments/{id}", $"/shipments/{shipment}", StringComparison.Ordinal)
        .Replace("/products/{id}", $"/products/{ShopClient.SeededProduct(43)}", StringComparison.Ordinal)
        .Replace("{productId}", ShopClient.SeededProduct(43).ToString(), StringComparison.Ordinal);

    private async Task<(string Caller, string? Token)[]> CallersAsync(Guid owner, Guid other)
    {
        var token = await _client.GetTokenAsync(owner);
        var tokens = new TestTokens();
        var issuer = _client.Http.BaseAddress!.ToString();
        var key = await ReadSigningKeyAsync();
        string[] roles = ["customer", "admin"];
        // The key is the shop's own: what is wrong with them is only what their names say.
        Assert.Equal(HttpStatusCode.OK, await AskAsync("GET", "/api/v1/users", tokens.Create(owner.ToString(), roles, issuer: issuer, key: key)));
        return
        [
            ("no token", null),
            ("expired", tokens.Create(owner.ToString(), roles, issuer: issuer, key: key, expires: DateTimeOffset.UtcNow.AddMinutes(-1))),
            ("wrong signature", tokens.Create(owner.ToString(), roles, issuer: issuer, key: new RsaSecurityKey(TestTokens.NewKey().Rsa) { KeyId = key.KeyId })),
            ("alg none", TestTokens.SignedByNobody(tokens.Create(owner.ToString(), roles, issuer: issuer))),
            ("wrong audience", tokens.Create(owner.ToString(), roles, issuer: issuer, key: key, audience: "another-api")),
            ("another customer", await _client.GetTokenAsync(other)),
            ("owner", token),
            ("admin", tokens.Create(Guid.CreateVersion7().ToString(), roles, issuer: issuer, key: key)),
        ];
    }

    private async Task<RsaSecurityKey> ReadSigningKeyAsync()
    {
        await using var database = new TestDatabase<UsersDbContext>((await shop.App.GetConnectionStringAsync("usersdb", Cancelled))!).Open();
        var kept = await database.SigningKeys.OrderBy(key => key.ActiveFrom).FirstAsync(Cancelled);
        var secret = new IdentitySecret(new ConfigurationBuilder().AddInMemoryCollection([new(IdentitySecret.ConfigurationKey, RunningShop.IdentityKey)]).Build());
        var rsa = RSA.Create();
        rsa.ImportPkcs8PrivateKey(secret.Decrypt(kept.Id, kept.PrivateKey), out _);
        return new RsaSecurityKey(rsa) { KeyId = kept.Id };
    }

    private async Task<HttpStatusCode> AskAsync(string method, string path, string? token, HttpClient? client = null)
    {
        using var response = await ShopClient.RepeatAsync(async () =>
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path);
            if (method is "POST" or "PUT" or "PATCH")
                request.Content = new StringContent("{}", Encoding.UTF8, "application/json");
            request.Headers.Authorization = token is not null ? new AuthenticationHeaderValue("Bearer", token) : client is null ? AdminSignIn.Nobody : null;
            return await (client ?? _client.Http).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancelled);
        });
        return response.StatusCode;
    }
}
