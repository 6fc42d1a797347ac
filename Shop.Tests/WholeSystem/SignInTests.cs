using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Shop.Tests.WholeSystem;

/// <summary>Tokens as clients get, use and lose them, through the gateway and over two replicas of Users.</summary>
[Collection<SharedShop>]
public sealed class SignInTests(RunningShop shop)
{
    private const string Password = "correct horse battery";

    private readonly HttpClient _http = shop.Client.Http;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Token_RightPassword_IsAPlainSignedJwtOfTenMinutes()
    {
        var answer = await SignInAsync(await RegisterAsync(), Password);

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal(("Bearer", 600), ((string?)answer.Body["token_type"], (int)answer.Body["expires_in"]! + 1 > 599 ? 600 : 0));
        var token = new Microsoft.IdentityModel.JsonWebTokens.JsonWebToken((string)answer.Body["access_token"]!);
        Assert.Equal(("RS256", "at+jwt"), (token.Alg, token.Typ));
        Assert.Equal(["shop-api"], token.Audiences);
        Assert.Equal(_http.BaseAddress!.ToString(), token.Issuer.TrimEnd('/') + "/");
        Assert.Equal(["customer"], token.Claims.Where(claim => claim.Type == "role").Select(claim => claim.Value));
        Assert.DoesNotContain(token.Claims, claim => claim.Value.Contains('@', StringComparison.Ordinal));
    }

    private async Task<string> RegisterAsync()
    {
        var email = $"{Guid.NewGuid():N}@example.com";
        using var response = await _http.PostAsJsonAsync("/api/v1/users", new { email, name = "Ann Lee", password = Password }, Cancelled);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        return email;
    }

    private Task<(HttpStatusCode Status, JsonNode Body)> SignInAsync(string email, string password) => AskAsync(new()
    {
        ["grant_type"] = "password",
        ["client_id"] = "shop-cli",
        ["username"] = email,
        ["password"] = password,
        ["scope"] = "openid roles offline_access",
    });

    private async Task<(HttpStatusCode Status, JsonNode Body)> AskAsync(Dictionary<string, string> form)
    {
        using var content = new FormUrlEncodedContent(form);
        using var response = await _http.PostAsync("/connect/token", content, Cancelled);
        return (response.StatusCode, await ShopClient.ReadAsync(response));
    }
}
