using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Configuration;

namespace Shop.ServiceDefaults.Identity;

/// <summary>Signs the calls of one service to another with the service's own token.</summary>
internal sealed class ServiceTokenHandler(ServiceTokens tokens) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var token = await tokens.GetAsync(cancellationToken);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        var response = await base.SendAsync(request, cancellationToken);
        if (response.StatusCode == HttpStatusCode.Unauthorized)
            tokens.Forget(token);
        return response;
    }
}

/// <summary>The service's own token, by client credentials: kept until shortly before it expires.</summary>
internal sealed class ServiceTokens(IHttpClientFactory clients, IConfiguration configuration, TimeProvider clock) : IDisposable
{
    public const string ClientIdKey = "Identity:ClientId";
    public const string ClientSecretKey = "Identity:ClientSecret";

    /// <summary>So much before its end a token is replaced.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _asking = new(1);
    private volatile Token? _token;

    public void Dispose() => _asking.Dispose();

    public async Task<string> GetAsync(CancellationToken cancellationToken)
    {
        if (_token is { } kept && kept.GoodUntil > clock.GetUtcNow())
            return kept.Value;

        await _asking.WaitAsync(cancellationToken);
        try
        {
            if (_token is { } fresh && fresh.GoodUntil > clock.GetUtcNow())
                return fresh.Value;

            return (_token = await AskAsync(cancellationToken)).Value;
        }
        finally
        {
            _asking.Release();
        }
    }

    /// <summary>A token that was refused is not sent again.</summary>
    public void Forget(string token)
    {
        if (_token is { } kept && kept.Value == token)
            _token = null;
    }

    private async Task<Token> AskAsync(CancellationToken cancellationToken)
    {
        using var client = clients.CreateClient(nameof(ServiceTokens));
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "client_credentials",
            ["client_id"] = configuration[ClientIdKey]!,
            ["client_secret"] = configuration[ClientSecretKey]!,
            ["scope"] = ShopTokens.InternalScope,
        });
        using var response = await client.PostAsync(new Uri("http://users/connect/token"), form, cancellationToken);
        response.EnsureSuccessStatusCode();
        var answer = (await response.Content.ReadFromJsonAsync<TokenAnswer>(cancellationToken))!;
        return new Token(answer.AccessToken, clock.GetUtcNow().AddSeconds(answer.ExpiresIn) - Margin);
    }

    private sealed record Token(string Value, DateTimeOffset GoodUntil);

    private sealed record TokenAnswer(
        [property: JsonPropertyName("access_token")] string AccessToken,
        [property: JsonPropertyName("expires_in")] int ExpiresIn);
}
