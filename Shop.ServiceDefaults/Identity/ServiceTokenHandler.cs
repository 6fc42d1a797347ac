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
internal sealed class ServiceTokens(IHttpClientFactory clients, IConfiguration configuration, TimeProvider clock)
{
    public const string ClientIdKey = "Identity:ClientId";
    public const string ClientSecretKey = "Identity:ClientSecret";

    /// <summary>So much before its end a token is replaced.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(1);

    /// <summary>How long Users may take, however soon the caller gives up: otherwise a slow answer would never come.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Lock _one = new();
    private volatile Token? _token;
    private Task<Token>? _asking;

    /// <exception cref="HttpRequestException">Users has not given one.</exception>
    public async Task<string> GetAsync(CancellationToken cancellationToken) =>
        _token is { } kept && kept.GoodUntil > clock.GetUtcNow() ? kept.Value : (await Ask().WaitAsync(cancellationToken)).Value;

    /// <summary>A token that was refused is not sent again.</summary>
    public void Forget(string token)
    {
        if (_token is { } kept && kept.Value == token)
            _token = null;
    }

    /// <summary>One question for all who need the answer.</summary>
    private Task<Token> Ask()
    {
        lock (_one)
            return _asking is { IsCompleted: false } ? _asking : _asking = Task.Run(AskAsync);
    }

    private async Task<Token> AskAsync()
    {
        using var patience = new CancellationTokenSource(Patience, clock);
        using var client = clients.CreateClient(nameof(ServiceTokens));
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "client_credentials",
            ["client_id"] = configuration[ClientIdKey]!,
            ["client_secret"] = configuration[ClientSecretKey]!,
            ["scope"] = ShopTokens.InternalScope,
        });
        using var response = await client.PostAsync(new Uri("http://users/connect/token"), form, patience.Token);
        response.EnsureSuccessStatusCode();
        var answer = (await response.Content.ReadFromJsonAsync<TokenAnswer>(patience.Token))!;
        return _token = new Token(answer.AccessToken, clock.GetUtcNow().AddSeconds(answer.ExpiresIn) - Margin);
    }

    private sealed record Token(string Value, DateTimeOffset GoodUntil);

    private sealed record TokenAnswer(
        [property: JsonPropertyName("access_token")] string AccessToken,
        [property: JsonPropertyName("expires_in")] int ExpiresIn);
}
