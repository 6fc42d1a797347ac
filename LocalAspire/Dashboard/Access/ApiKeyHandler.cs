using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace LocalAspire.Dashboard.Access;

/// <summary>
/// Knows a program that sends telemetry by the key in its header <c>x-otlp-api-key</c>. Whoever has none gets 401, which gRPC clients
/// take for Unauthenticated, before anything of the request is read.
/// </summary>
internal sealed class ApiKeyHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> scheme, ILoggerFactory loggers, UrlEncoder encoder, DashboardOptions options)
    : AuthenticationHandler<AuthenticationSchemeOptions>(scheme, loggers, encoder)
{
    public const string SchemeName = "otlp-api-key";
    public const string Header = "x-otlp-api-key";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Request.Headers[Header] is not [{ } key])
            return Task.FromResult(AuthenticateResult.NoResult());
        if (!Login.AreEqual(key, options.ApiKey))
            return Task.FromResult(AuthenticateResult.Fail("wrong key"));
        var principal = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, "otlp")], Scheme.Name));
        return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(principal, Scheme.Name)));
    }
}
