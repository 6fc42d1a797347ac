using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Shop.ServiceDefaults.Identity;

/// <summary>Who calls is what the token says, and every service looks at the token itself.</summary>
internal static class TokenValidationExtensions
{
    public static void AddTokenValidation(this IServiceCollection services)
    {
        services.RequireConfiguration(ShopTokens.IssuerKey);
        services.AddHttpClient();
        services.TryAddSingleton<ISigningKeySource, UsersSigningKeySource>();
        services.AddSingleton<SigningKeyCache>();
        services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme).AddJwtBearer();
        services.AddOptions<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme).Configure<IConfiguration, SigningKeyCache>(Configure);
        services.AddSingleton<IAuthorizationMiddlewareResultHandler, OwnershipResultHandler>();
        services.AddAuthorizationBuilder()
            .AddPolicy(Policies.User, policy => policy.RequireAssertion(context => context.User.TryGetUserId(out _)))
            .AddPolicy(Policies.Customer, policy => policy.RequireAuthenticatedUser().RequireRole(Roles.Customer))
            .AddPolicy(Policies.Admin, policy => policy.RequireAuthenticatedUser().RequireRole(Roles.Admin))
            .AddPolicy(Policies.Internal, policy => policy.RequireAssertion(context => context.User.HasScope(ShopTokens.InternalScope)))
            .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAssertion(context => !IsForgotten(context.Resource)).Build());
    }

    private static void Configure(JwtBearerOptions options, IConfiguration configuration, SigningKeyCache keys)
    {
        var issuer = configuration[ShopTokens.IssuerKey]!.TrimEnd('/');
        options.MapInboundClaims = false;
        options.ConfigurationManager = keys;
        options.TokenValidationParameters = new TokenValidationParameters
        {
            ValidIssuers = [issuer, $"{issuer}/"],
            ValidAudience = ShopTokens.Audience,
            ValidAlgorithms = [SecurityAlgorithms.RsaSha256],
            ValidTypes = ["at+jwt"], // an identity token is not for us
            ClockSkew = TimeSpan.FromSeconds(5),
            NameClaimType = JwtRegisteredClaimNames.Name,
            RoleClaimType = ShopTokens.RoleClaim,
        };
        options.Events = new JwtBearerEvents { OnChallenge = context => keys.HasKeys ? Task.CompletedTask : AnswerUnavailableAsync(context) };
    }

    /// <summary>An endpoint of the API that nobody gave a rule is nobody's.</summary>
    private static bool IsForgotten(object? resource) =>
        (resource as HttpContext)?.GetEndpoint() is RouteEndpoint { RoutePattern.RawText: { } path }
        && path.TrimStart('/').StartsWith("api/", StringComparison.Ordinal);

    /// <summary>While no key has ever been had, the token may well be good: that is no 401.</summary>
    private static Task AnswerUnavailableAsync(JwtBearerChallengeContext context)
    {
        if (context.AuthenticateFailure is not SecurityTokenInvalidSignatureException)
            return Task.CompletedTask;

        context.HandleResponse();
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        context.Response.Headers.RetryAfter = "5";
        return Task.CompletedTask;
    }
}
