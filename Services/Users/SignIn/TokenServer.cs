using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Shop.Users.SignIn;

/// <summary>OAuth 2.0 and OpenID Connect: OpenIddict on the service's own database, accounts by ASP.NET Core Identity.</summary>
internal static class TokenServer
{
    public static readonly TimeSpan AccessTokenLifetime = TimeSpan.FromMinutes(10);
    public static readonly TimeSpan RefreshTokenLifetime = TimeSpan.FromDays(14);

    public static void AddTokenServer(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.RequireConfiguration(IdentitySecret.ConfigurationKey);
        services.AddIdentityCore<User>(identity =>
        {
            identity.User.RequireUniqueEmail = true;
            identity.User.AllowedUserNameCharacters = ""; // the name is the e-mail address: any
            // Long counts, not strange: the request's own rules say how long.
            identity.Password = new PasswordOptions
            {
                RequiredLength = 8, RequiredUniqueChars = 1, RequireDigit = false, RequireLowercase = false, RequireNonAlphanumeric = false, RequireUppercase = false,
            };
        }).AddEntityFrameworkStores<UsersDbContext>();

        services.AddSingleton<IdentitySecret>();
        services.AddOptions<SigningKeyOptions>().BindConfiguration("Identity:SigningKeys");
        services.AddSingleton<SigningKeyRing>();
        services.AddSingleton<ISigningKeySource>(provider => provider.GetRequiredService<SigningKeyRing>());
        services.AddSingleton<IConfigureOptions<OpenIddictServerOptions>>(provider => provider.GetRequiredService<SigningKeyRing>());
        services.AddSingleton<IOptionsChangeTokenSource<OpenIddictServerOptions>>(provider => provider.GetRequiredService<SigningKeyRing>());
        services.AddHostedService(provider => provider.GetRequiredService<SigningKeyRing>());
        services.AddHostedService<Clients>();
        services.AddHostedService<SignInHousekeeping>();
        services.AddScoped<FailedSignIns>();
        services.AddScoped<PasswordSignIn>();

        services.AddOpenIddict()
            .AddCore(core => core.UseEntityFrameworkCore().UseDbContext<UsersDbContext>().ReplaceDefaultEntities<Guid>())
            .AddServer(server => Configure(server, builder.Configuration, builder.Environment));
        services.AddOptions<OpenIddictServerOptions>().Configure<IConfiguration>((server, configuration) =>
            server.Issuer = new Uri(configuration[ShopTokens.IssuerKey]!));
    }

    private static void Configure(OpenIddictServerBuilder server, IConfiguration configuration, IHostEnvironment environment)
    {
        server.SetTokenEndpointUris("connect/token")
            .SetAuthorizationEndpointUris("connect/authorize")
            .SetRevocationEndpointUris("connect/revocation")
            .SetUserInfoEndpointUris("connect/userinfo");
        server.AllowAuthorizationCodeFlow().RequireProofKeyForCodeExchange();
        server.AllowRefreshTokenFlow();
        server.AllowClientCredentialsFlow();
        if (configuration.GetValue("Identity:PasswordGrant", true))
            server.AllowPasswordFlow();
        server.RegisterScopes(Scopes.Email, Scopes.Profile, Scopes.Roles, ShopTokens.InternalScope);
        server.RegisterClaims(Claims.Email, Claims.Name, Claims.Role);

        // Plain signed JWTs: every service looks at them itself.
        server.DisableAccessTokenEncryption();
        server.SetAccessTokenLifetime(AccessTokenLifetime).SetRefreshTokenLifetime(RefreshTokenLifetime);
        // A refresh token is good once: whoever comes with it again has stolen it, or has been stolen from.
        server.SetRefreshTokenReuseLeeway(TimeSpan.Zero);

        var host = server.UseAspNetCore().EnableTokenEndpointPassthrough().EnableAuthorizationEndpointPassthrough().EnableUserInfoEndpointPassthrough();
        if (environment.IsDevelopment())
            host.DisableTransportSecurityRequirement();
    }

    /// <summary>
    /// Users stands behind the gateway and is known by its address: what it says of itself, whether it was asked over HTTPS included, is said
    /// of that.
    /// </summary>
    public static void UsePublicAddress(this WebApplication app)
    {
        var address = new Uri(app.Configuration[ShopTokens.IssuerKey]!);
        app.Use((context, next) =>
        {
            if (context.Request.Path.StartsWithSegments("/connect") || context.Request.Path.StartsWithSegments("/.well-known"))
            {
                context.Request.Scheme = address.Scheme;
                context.Request.Host = HostString.FromUriComponent(address);
            }

            return next(context);
        });
    }
}
