using System.Net;
using System.Net.Http.Headers;
using System.Security.Claims;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.Tokens;
using Shop.ServiceDefaults;
using Shop.ServiceDefaults.Identity;

namespace Shop.Tests.Identity;

/// <summary>What any service makes of a token: here one with an endpoint for everybody, and one each for users, customers, admins and services.</summary>
public sealed class TokenValidationTests : IAsyncLifetime
{
    private static readonly Guid UserId = Guid.CreateVersion7();

    private readonly TestTokens _tokens = new();
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UtcNow);
    private WebApplication _service = null!;
    private HttpClient _client = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration[ShopTokens.IssuerKey] = TestTokens.Issuer;
        builder.Services.AddSingleton<TimeProvider>(_clock);
        builder.Services.AddSingleton<ISigningKeySource>(_tokens);
        builder.AddServiceDefaults();
        _service = builder.Build();
        _service.MapDefaultEndpoints();
        _service.MapGet("/anyone", () => "anyone").AllowAnyone();
        _service.MapGet("/user", (ClaimsPrincipal user) => user.GetUserId().ToString()).RequireUser();
        _service.MapGet("/customer", () => "customer").RequireCustomer();
        _service.MapGet("/admin", () => "admin").RequireAdmin();
        _service.MapGet("/internal", () => "internal").RequireInternal();
        await _service.StartAsync(Cancelled);
        var address = _service.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        _client = new HttpClient { BaseAddress = new Uri(address) };
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _service.DisposeAsync();
    }

    public static TheoryData<string, Func<TestTokens, string>> BadTokens => new()
    {
        { "not a token", _ => "nonsense" },
        { "expired", tokens => tokens.Create(UserId.ToString(), expires: DateTimeOffset.UtcNow.AddSeconds(-10)) },
        { "of another key", tokens => tokens.Create(UserId.ToString(), key: TestTokens.NewKey()) },
        { "of another key by the same name", tokens => tokens.Create(UserId.ToString(), key: new RsaSecurityKey(TestTokens.NewKey().Rsa) { KeyId = tokens.Key.KeyId }) },
        { "unsigned", tokens => TestTokens.SignedByNobody(tokens.ForUser(UserId, Roles.Admin)) },
        { "for another audience", tokens => tokens.Create(UserId.ToString(), audience: "another-api") },
        { "of another issuer", tokens => tokens.Create(UserId.ToString(), issuer: "http://elsewhere") },
        { "an identity token", tokens => tokens.Create(UserId.ToString(), type: "JWT") },
    };

    [Theory]
    [MemberData(nameof(BadTokens), DisableDiscoveryEnumeration = true)]
    public async Task Token_Bad_IsRefusedWithAProblem(string what, Func<TestTokens, string> make)
    {
        using var response = await GetAsync("/user", make(_tokens));

        Assert.True(response.StatusCode == HttpStatusCode.Unauthorized, $"A token {what} was answered {(int)response.StatusCode}.");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal("Bearer", response.Headers.WwwAuthenticate.Single().Scheme);
    }

    [Fact]
    public async Task Endpoints_EachCaller_LetInWhomTheirPolicyNames()
    {
        var customer = _tokens.ForUser(UserId, Roles.Customer);
        var admin = _tokens.ForUser(UserId, Roles.Admin);
        var service = _tokens.ForService("orders");

        Assert.Equal("200, 401, 401, 401, 401", await StatusesAsync(null));
        Assert.Equal("200, 200, 200, 403, 403", await StatusesAsync(customer));
        Assert.Equal("200, 200, 403, 200, 403", await StatusesAsync(admin));
        Assert.Equal("200, 403, 403, 403, 200", await StatusesAsync(service));
    }

    [Fact]
    public async Task User_SignedIn_IsTheTokensSubject()
    {
        using var response = await GetAsync("/user", _tokens.ForUser(UserId));

        Assert.Equal(UserId.ToString(), await response.Content.ReadAsStringAsync(Cancelled));
    }

    [Fact]
    public async Task Keys_Rotated_NobodyIsSignedOut()
    {
        var old = _tokens.ForUser(UserId);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("/user", old));
        var next = TestTokens.NewKey();
        _tokens.Source = () => [next, _tokens.Key];
        _clock.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(HttpStatusCode.OK, await StatusAsync("/user", _tokens.Create(UserId.ToString(), key: next)));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("/user", old));
    }

    [Fact]
    public async Task Keys_TheirSourceIsAway_AreKept()
    {
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("/user", _tokens.ForUser(UserId)));
        _tokens.Source = () => throw new HttpRequestException("away");
        _clock.Advance(TimeSpan.FromHours(1));

        Assert.Equal(HttpStatusCode.OK, await StatusAsync("/user", _tokens.ForUser(UserId)));
    }

    [Fact]
    public async Task Keys_NeverHad_IsUnavailableAndNotUnauthorized()
    {
        _tokens.Source = () => throw new HttpRequestException("away");
        using var unavailable = await GetAsync("/user", _tokens.ForUser(UserId));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "5"), (unavailable.StatusCode, unavailable.Headers.RetryAfter?.ToString()));

        _tokens.Source = () => [_tokens.Key];
        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("/user", _tokens.ForUser(UserId)));
    }

    [Fact]
    public async Task Keys_ManyTokensOfUnknownKeys_AreAskedForOnceASecond()
    {
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("/user", _tokens.ForUser(UserId)));
        var asked = _tokens.Asked;
        _clock.Advance(TimeSpan.FromSeconds(2));

        for (var i = 0; i < 5; i++)
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync("/user", _tokens.Create(UserId.ToString(), key: TestTokens.NewKey())));

        Assert.Equal(asked + 1, _tokens.Asked);
    }

    private async Task<string> StatusesAsync(string? token)
    {
        var statuses = new List<int>();
        foreach (var path in new[] { "/anyone", "/user", "/customer", "/admin", "/internal" })
            statuses.Add((int)await StatusAsync(path, token));
        return string.Join(", ", statuses);
    }

    private async Task<HttpStatusCode> StatusAsync(string path, string? token)
    {
        using var response = await GetAsync(path, token);
        return response.StatusCode;
    }

    private async Task<HttpResponseMessage> GetAsync(string path, string? token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return await _client.SendAsync(request, Cancelled);
    }
}
