using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.Configuration;
using Shop.ServiceDefaults;
using Shop.ServiceDefaults.Identity;

namespace Shop.Tests.Identity;

/// <summary>The token with which one service calls another.</summary>
public sealed class ServiceTokensTests
{
    private readonly Issuer _issuer = new();
    private readonly ServiceTokens _tokens;

    public ServiceTokensTests() => _tokens = new ServiceTokens(
        _issuer,
        new ConfigurationBuilder().AddInMemoryCollection([new(ServiceTokens.ClientIdKey, "orders"), new(ServiceTokens.ClientSecretKey, "secret")]).Build(),
        TimeProvider.System);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Token_FirstCallerGivesUp_StillComesForTheNext()
    {
        using var impatience = new CancellationTokenSource();
        var first = _tokens.GetAsync(impatience.Token);
        await _issuer.Asked.WaitAsync(Cancelled);
        await impatience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);

        var second = _tokens.GetAsync(Cancelled);
        _issuer.Answer(() => new HttpResponseMessage(HttpStatusCode.OK) { Content = JsonContent.Create(new { access_token = "good", expires_in = 600 }) });

        Assert.Equal("good", await second);
        Assert.Equal("good", await _tokens.GetAsync(Cancelled));
        Assert.Equal(1, _issuer.Questions);
    }

    [Fact]
    public async Task Token_IssuerIsAway_IsAskedForAgainByTheNextCaller()
    {
        _issuer.Answer(() => new HttpResponseMessage(HttpStatusCode.ServiceUnavailable));

        var failure = await Assert.ThrowsAsync<HttpRequestException>(() => _tokens.GetAsync(Cancelled));
        await Assert.ThrowsAsync<HttpRequestException>(() => _tokens.GetAsync(Cancelled));

        Assert.True(UnavailableHandler.IsUnavailable(failure)); // so that the caller answers 503 and not 500
        Assert.Equal(2, _issuer.Questions);
    }

    /// <summary>Answers when the test says so, and from then on always.</summary>
    private sealed class Issuer : HttpMessageHandler, IHttpClientFactory
    {
        private readonly TaskCompletionSource<Func<HttpResponseMessage>> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _questions;

        public Task Asked => _asked.Task;

        public int Questions => _questions;

        public void Answer(Func<HttpResponseMessage> answer) => _answer.SetResult(answer);

        public HttpClient CreateClient(string name) => new(this, disposeHandler: false);

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _questions);
            _asked.TrySetResult();
            return (await _answer.Task.WaitAsync(cancellationToken))();
        }
    }
}
