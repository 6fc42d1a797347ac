using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Shop.Tests.WholeSystem;

/// <summary>Makes requests that say nothing about who sends them the administrator's; with the scheme <c>None</c> they are nobody's.</summary>
internal sealed class AdminSignIn(string password) : DelegatingHandler(new SocketsHttpHandler())
{
    /// <summary>Tests may take longer than a token lives.</summary>
    private static readonly TimeSpan Freshness = TimeSpan.FromMinutes(5);

    private readonly SemaphoreSlim _signingIn = new(1);
    private (string Token, DateTimeOffset At)? _signedIn;

    public static AuthenticationHeaderValue Nobody { get; } = new("None");

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Headers.Authorization is null && !request.RequestUri!.AbsolutePath.StartsWith("/connect/", StringComparison.Ordinal))
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await GetTokenAsync(request.RequestUri, cancellationToken));
        else if (Nobody.Equals(request.Headers.Authorization))
            request.Headers.Authorization = null;
        return await base.SendAsync(request, cancellationToken);
    }

    protected override void Dispose(bool disposing)
    {
        _signingIn.Dispose();
        base.Dispose(disposing);
    }

    private async Task<string> GetTokenAsync(Uri shop, CancellationToken cancellationToken)
    {
        await _signingIn.WaitAsync(cancellationToken);
        try
        {
            if (_signedIn is { } kept && DateTimeOffset.UtcNow - kept.At < Freshness)
                return kept.Token;

            using var response = await ShopClient.RepeatAsync(async () =>
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(shop, "/connect/token"));
                request.Content = new FormUrlEncodedContent(new Dictionary<string, string>
                {
                    ["grant_type"] = "password", ["client_id"] = "shop-cli", ["username"] = "admin@shop.local", ["password"] = password,
                });
                return await base.SendAsync(request, cancellationToken);
            });
            var body = await response.Content.ReadFromJsonAsync<JsonNode>(cancellationToken);
            Assert.True(response.IsSuccessStatusCode, body?.ToJsonString());
            _signedIn = (body!["access_token"]!.GetValue<string>(), DateTimeOffset.UtcNow);
            return _signedIn.Value.Token;
        }
        finally
        {
            _signingIn.Release();
        }
    }
}
