using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.EntityFrameworkCore.Models;
using Shop.Users;

namespace Shop.Tests.WholeSystem;

/// <summary>Tokens as clients get, use and lose them, through the gateway and over two replicas of Users.</summary>
[Collection<SharedShop>]
public sealed partial class SignInTests(RunningShop shop)
{
    private const string RedirectUri = "/scalar/";

    private readonly ShopClient _client = shop.Client;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Token_RightPassword_IsAPlainSignedJwtOfTenMinutes()
    {
        var (status, answer) = await SignInAsync(await NewUserAsync());

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("Bearer", (string?)answer["token_type"]);
        Assert.InRange((int)answer["expires_in"]!, 590, 600);
        var token = new JsonWebToken((string)answer["access_token"]!);
        Assert.Equal(("RS256", "at+jwt"), (token.Alg, token.Typ));
        Assert.Equal(["shop-api"], token.Audiences);
        Assert.Equal(_client.Http.BaseAddress, new Uri(token.Issuer));
        Assert.Equal(["customer"], token.Claims.Where(claim => claim.Type == "role").Select(claim => claim.Value));
        Assert.DoesNotContain(token.Claims, claim => claim.Value.Contains('@', StringComparison.Ordinal) || claim.Value == "Ann Lee");
    }

    [Fact]
    public async Task Discovery_EachAddress_IsOfTheGatewayAndItsKeysVerifyTokens()
    {
        var document = await _client.GetAsync("/.well-known/openid-configuration");
        foreach (var endpoint in new[] { "issuer", "token_endpoint", "authorization_endpoint", "jwks_uri", "revocation_endpoint", "userinfo_endpoint" })
            Assert.StartsWith(_client.Http.BaseAddress!.ToString(), (string)document[endpoint]!, StringComparison.Ordinal);

        var keys = new JsonWebKeySet(await _client.Http.GetStringAsync(new Uri((string)document["jwks_uri"]!), Cancelled));
        var (_, answer) = await SignInAsync(await NewUserAsync());
        var result = await new JsonWebTokenHandler().ValidateTokenAsync((string)answer["access_token"]!, new TokenValidationParameters
        {
            IssuerSigningKeys = keys.GetSigningKeys(), ValidIssuer = (string)document["issuer"]!, ValidAudience = "shop-api",
        });
        Assert.True(result.IsValid, result.Exception?.Message);
        Assert.All(keys.Keys, key => Assert.False(key.HasPrivateKey));
    }

    [Fact]
    public async Task Refresh_Token_GivesNewOnesAndIsGoodOnce()
    {
        var (_, first) = await SignInAsync(await NewUserAsync());

        var (status, second) = await RefreshAsync(first);

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.NotEqual((string)first["refresh_token"]!, (string)second["refresh_token"]!);
        Assert.Equal(HttpStatusCode.OK, await UserInfoAsync((string)second["access_token"]!));
    }

    [Fact]
    public async Task Refresh_TokenUsedTwice_EndsTheWholeFamily()
    {
        var (_, first) = await SignInAsync(await NewUserAsync());
        var (_, second) = await RefreshAsync(first);

        AssertError("invalid_grant", await RefreshAsync(first));

        AssertError("invalid_grant", await RefreshAsync(second));
    }

    [Fact]
    public async Task Revocation_RefreshToken_IsGoodNoMore()
    {
        var (_, answer) = await SignInAsync(await NewUserAsync());

        using var response = await PostFormAsync("/connect/revocation", new() { ["client_id"] = "shop-cli", ["token"] = (string)answer["refresh_token"]! });

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        AssertError("invalid_grant", await RefreshAsync(answer));
    }

    [Fact]
    public async Task Account_Deleted_ItsRefreshTokensAreRevoked()
    {
        var id = await _client.CreateUserAsync();
        var (_, answer) = await SignInAsync(_client.GetCredentials(id));

        using var deleted = await _client.SendAsync(id, HttpMethod.Delete, $"/api/v2/users/{id}");

        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        AssertError("invalid_grant", await RefreshAsync(answer));
        await using var database = new TestDatabase<UsersDbContext>((await shop.App.GetConnectionStringAsync("usersdb", Cancelled))!).Open();
        var tokens = await database.Set<OpenIddictEntityFrameworkCoreToken<Guid>>().Where(token => token.Subject == id.ToString()).ToListAsync(Cancelled);
        Assert.NotEmpty(tokens);
        Assert.All(tokens, token => Assert.Equal("revoked", token.Status));
    }

    [Fact]
    public async Task Demo_SeededWithTheGivenPassword_SignsIn() =>
        Assert.Equal(HttpStatusCode.OK, (await SignInAsync(("demo@shop.local", RunningShop.DemoPassword))).Status);

    [Fact]
    public async Task PasswordGrant_SwitchedOff_IsNotServed()
    {
        await using var users = new UsersWithoutPasswordGrant(
            (await shop.App.GetConnectionStringAsync("usersdb", Cancelled))!,
            (await shop.App.GetConnectionStringAsync("messaging", Cancelled))!,
            _client.Http.BaseAddress!.ToString());
        using var http = users.CreateClient();
        using var form = new FormUrlEncodedContent(PasswordForm(await NewUserAsync()));

        using var response = await http.PostAsync("/connect/token", form, Cancelled);

        AssertError("unsupported_grant_type", (response.StatusCode, await ShopClient.ReadAsync(response)));
    }

    /// <summary>A replica of Users that is configured in another way.</summary>
    private sealed class UsersWithoutPasswordGrant(string database, string broker, string issuer) : WebApplicationFactory<UsersDbContext>
    {
        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            builder.ConfigureLogging(logging => logging.ClearProviders());
            builder.UseSetting("ConnectionStrings:usersdb", database);
            builder.UseSetting("ConnectionStrings:messaging", broker);
            builder.UseSetting("Identity:Issuer", issuer);
            builder.UseSetting("Identity:Key", RunningShop.IdentityKey);
            builder.UseSetting("Identity:PasswordGrant", "false");
            builder.UseSetting("Seed:AdminPassword", RunningShop.AdminPassword);
            builder.UseSetting("Seed:DemoPassword", RunningShop.DemoPassword);
        }
    }

    [Fact]
    public async Task UserInfo_SignedIn_SaysWhoItIs()
    {
        var user = await NewUserAsync();
        var (_, answer) = await SignInAsync(user);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/connect/userinfo");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", (string)answer["access_token"]!);
        using var response = await _client.Http.SendAsync(request, Cancelled);

        var body = await ShopClient.ReadAsync(response);
        Assert.Equal((user.Email, "Ann Lee"), ((string)body["email"]!, (string)body["name"]!));
    }

    [Theory]
    [InlineData("unsupported_grant_type", "grant_type=device&client_id=shop-cli")]
    [InlineData("invalid_client", "grant_type=password&client_id=nobody&username=a&password=b")]
    [InlineData("invalid_client", "grant_type=client_credentials&client_id=orders&client_secret=guessed&scope=shop.internal")]
    [InlineData("invalid_request", "grant_type=client_credentials&client_id=shop-cli")]
    [InlineData("invalid_request", "grant_type=password&client_id=shop-cli&username=a&password=b&scope=shop.internal")]
    [InlineData("invalid_request", "grant_type=password&client_id=shop-cli")]
    public async Task Token_BadRequest_IsRefusedInOAuthsWords(string error, string form)
    {
        using var content = new StringContent(form, Encoding.UTF8, "application/x-www-form-urlencoded");
        using var response = await _client.Http.PostAsync("/connect/token", content, Cancelled);

        Assert.InRange((int)response.StatusCode, 400, 401);
        Assert.Equal(error, (string)(await ShopClient.ReadAsync(response))["error"]!);
    }

    [Fact]
    public async Task Token_UnknownEmail_GetsTheSameAnswerAfterTheSameTimeAsAWrongPassword()
    {
        await TimeAsync((_client.GetCredentials(await _client.CreateUserAsync()).Email, "wrong")); // warm
        var (known, unknown) = (new List<double>(), new List<double>());
        JsonNode? knownAnswer = null, unknownAnswer = null;
        for (var i = 0; i < 9; i++) // each another account: nobody has to wait
        {
            var someone = await NewUserAsync();
            (var time, knownAnswer) = await TimeAsync((someone.Email, "wrong"));
            known.Add(time);
            (time, unknownAnswer) = await TimeAsync(($"{Guid.NewGuid():N}@example.com", "wrong"));
            unknown.Add(time);
        }

        Assert.Equal("invalid_grant", (string)knownAnswer!["error"]!);
        Assert.Equal(knownAnswer!.ToJsonString(), unknownAnswer!.ToJsonString());
        // Hashing a password takes most of the time: without it one of them would take a fraction of the other.
        Assert.InRange(known.Min() / unknown.Min(), 0.5, 2);
    }

    [Fact]
    public async Task Token_ManyWrongPasswords_MakeThisAddressWaitForThisAccountAlone()
    {
        var (user, other) = (await NewUserAsync(), await NewUserAsync());
        // The right password has to wait too: nothing is told. Where the machine is so slow that the wait is over, all is forgiven, and it begins anew.
        HttpResponseMessage response;
        var tries = 0;
        do
        {
            await FailUntilToldToWaitAsync();
            response = await PostFormAsync("/connect/token", PasswordForm(user));
        }
        while (response.StatusCode == HttpStatusCode.OK && ++tries < 10);
        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.True(response.Headers.RetryAfter?.Delta > TimeSpan.Zero);
        Assert.Equal(HttpStatusCode.OK, (await SignInAsync(other)).Status);

        HttpStatusCode status;
        var patience = DateTimeOffset.UtcNow + Messaging.Eventually.Patience;
        while ((status = (await SignInAsync(user)).Status) == HttpStatusCode.TooManyRequests && DateTimeOffset.UtcNow < patience)
            await Task.Delay(200, Cancelled);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(HttpStatusCode.BadRequest, (await SignInAsync((user.Email, "wrong"))).Status); // all is forgiven

        async Task FailUntilToldToWaitAsync()
        {
            HttpStatusCode status;
            var attempts = 0;
            do
            {
                (status, _) = await SignInAsync((user.Email, "wrong"));
                attempts++;
            }
            while (status == HttpStatusCode.BadRequest && attempts < 20);

            Assert.Equal(HttpStatusCode.TooManyRequests, status);
            Assert.InRange(attempts, 4, 10);
        }
    }

    [Fact]
    public async Task Token_ManyWrongPasswordsFromElsewhere_DoNotMakeTheOwnerWait()
    {
        var user = await NewUserAsync();
        using var stranger = new HttpClient(new SocketsHttpHandler { ConnectCallback = ConnectFromElsewhereAsync }) { BaseAddress = _client.Http.BaseAddress };
        HttpStatusCode status;
        var attempts = 0;
        do
        {
            using var form = new FormUrlEncodedContent(PasswordForm((user.Email, "wrong")));
            using var response = await stranger.PostAsync(new Uri("/connect/token", UriKind.Relative), form, Cancelled);
            status = response.StatusCode;
            attempts++;
        }
        while (status == HttpStatusCode.BadRequest && attempts < 20);

        Assert.Equal(HttpStatusCode.TooManyRequests, status);
        Assert.Equal(HttpStatusCode.OK, (await SignInAsync(user)).Status);

        static async ValueTask<Stream> ConnectFromElsewhereAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Parse("127.0.0.2"), 0));
            await socket.ConnectAsync(IPAddress.Loopback, context.DnsEndPoint.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
    }

    [Fact]
    public async Task Authorize_WithPkce_GivesACodeThatItsVerifierAloneRedeems()
    {
        var user = await NewUserAsync();
        var verifier = Base64UrlEncoder.Encode(RandomNumberGenerator.GetBytes(32));
        var redirect = new Uri(_client.Http.BaseAddress!, RedirectUri).ToString();
        var query = new Dictionary<string, string>
        {
            ["client_id"] = "shop-web", ["response_type"] = "code", ["redirect_uri"] = redirect, ["scope"] = "openid roles offline_access", ["state"] = "<state>",
            ["code_challenge"] = Base64UrlEncoder.Encode(SHA256.HashData(Encoding.ASCII.GetBytes(verifier))), ["code_challenge_method"] = "S256",
        };
        using var browser = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = _client.Http.BaseAddress };
        using var asked = new FormUrlEncodedContent(query);
        var address = $"/connect/authorize?{await asked.ReadAsStringAsync(Cancelled)}";

        var page = await browser.GetStringAsync(new Uri(address, UriKind.Relative), Cancelled);
        var fields = HiddenField().Matches(page).ToDictionary(field => field.Groups[1].Value, field => WebUtility.HtmlDecode(field.Groups[2].Value));
        Assert.Equal(query, fields);
        var (wrong, _) = await SubmitAsync(browser, address, fields, (user.Email, "wrong"));
        Assert.Equal(HttpStatusCode.BadRequest, wrong);
        var (status, location) = await SubmitAsync(browser, address, fields, user);

        Assert.Equal(HttpStatusCode.Redirect, status);
        Assert.StartsWith(redirect, location!.ToString(), StringComparison.Ordinal);
        var answer = System.Web.HttpUtility.ParseQueryString(location.Query);
        Assert.Equal("<state>", answer["state"]);
        var redemption = new Dictionary<string, string>
        {
            ["grant_type"] = "authorization_code", ["client_id"] = "shop-web", ["redirect_uri"] = redirect, ["code"] = answer["code"]!, ["code_verifier"] = "guessed",
        };
        AssertError("invalid_grant", await AskAsync(redemption));
        redemption["code_verifier"] = verifier;
        var (redeemed, tokens) = await AskAsync(redemption);
        Assert.True(redeemed == HttpStatusCode.OK, tokens.ToJsonString());
        Assert.Equal(HttpStatusCode.OK, await UserInfoAsync((string)tokens["access_token"]!));
        Assert.NotEmpty((string)tokens["id_token"]!);
    }

    [Theory]
    [InlineData("redirect_uri=http://elsewhere.example/&code_challenge=abc&code_challenge_method=S256")]
    [InlineData("redirect_uri=REDIRECT")]
    public async Task Authorize_StrangeAddressOrNoPkce_ShowsNoSignInPage(string rest)
    {
        var redirect = new Uri(_client.Http.BaseAddress!, RedirectUri).ToString();
        using var browser = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = _client.Http.BaseAddress };
        using var response = await browser.GetAsync(
            new Uri($"/connect/authorize?client_id=shop-web&response_type=code&{rest.Replace("REDIRECT", redirect, StringComparison.Ordinal)}", UriKind.Relative), Cancelled);

        Assert.DoesNotContain("<form", await response.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
        Assert.NotEqual("elsewhere.example", response.Headers.Location?.Host);
    }

    private static async Task<(HttpStatusCode Status, Uri? Location)> SubmitAsync(
        HttpClient browser, string address, Dictionary<string, string> fields, (string Email, string Password) user)
    {
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>(fields) { ["username"] = user.Email, ["password"] = user.Password });
        using var response = await browser.PostAsync(new Uri(address, UriKind.Relative), form, Cancelled);
        return (response.StatusCode, response.Headers.Location);
    }

    private static void AssertError(string expected, (HttpStatusCode Status, JsonNode Body) answer) =>
        Assert.Equal((HttpStatusCode.BadRequest, expected), (answer.Status, (string)answer.Body["error"]!));

    private async Task<(string Email, string Password)> NewUserAsync() => _client.GetCredentials(await _client.CreateUserAsync());

    private async Task<(double Milliseconds, JsonNode Answer)> TimeAsync((string Email, string Password) user)
    {
        var start = System.Diagnostics.Stopwatch.GetTimestamp();
        var (_, answer) = await SignInAsync(user);
        return (System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalMilliseconds, answer);
    }

    private Task<(HttpStatusCode Status, JsonNode Body)> SignInAsync((string Email, string Password) user) => AskAsync(PasswordForm(user));

    private static Dictionary<string, string> PasswordForm((string Email, string Password) user) => new()
    {
        ["grant_type"] = "password", ["client_id"] = "shop-cli", ["username"] = user.Email, ["password"] = user.Password, ["scope"] = "openid roles offline_access",
    };

    private Task<(HttpStatusCode Status, JsonNode Body)> RefreshAsync(JsonNode answer) => AskAsync(new()
    {
        ["grant_type"] = "refresh_token", ["client_id"] = "shop-cli", ["refresh_token"] = (string)answer["refresh_token"]!,
    });

    private async Task<(HttpStatusCode Status, JsonNode Body)> AskAsync(Dictionary<string, string> form)
    {
        using var response = await PostFormAsync("/connect/token", form);
        return (response.StatusCode, await ShopClient.ReadAsync(response));
    }

    private async Task<HttpResponseMessage> PostFormAsync(string path, Dictionary<string, string> form)
    {
        using var content = new FormUrlEncodedContent(form);
        return await _client.Http.PostAsync(path, content, Cancelled);
    }

    private async Task<HttpStatusCode> UserInfoAsync(string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/connect/userinfo");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var response = await _client.Http.SendAsync(request, Cancelled);
        return response.StatusCode;
    }

    [GeneratedRegex("<input type=\"hidden\" name=\"([^\"]*)\" value=\"([^\"]*)\">")]
    private static partial Regex HiddenField();
}
