using Microsoft.EntityFrameworkCore;
using OpenIddict.Abstractions;
using OpenTelemetry;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Shop.Users.SignIn;

/// <summary>
/// The programs that may ask for tokens: <c>shop-cli</c> and <c>shop-web</c> for people, and each service for itself. Written at every
/// start, so that a changed secret or address takes effect.
/// </summary>
internal sealed class Clients(IServiceScopeFactory scopes, IConfiguration configuration) : IHostedService
{
    /// <summary>Client id → secret, below this section.</summary>
    private const string SecretsSection = "Identity:ServiceSecrets";

    private static readonly string[] ForPeople =
    [
        Permissions.Endpoints.Token, Permissions.Endpoints.Revocation, Permissions.GrantTypes.RefreshToken,
        Permissions.Scopes.Email, Permissions.Scopes.Profile, Permissions.Scopes.Roles,
    ];

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        using var untraced = SuppressInstrumentationScope.Begin();
        await using var scope = scopes.CreateAsyncScope();
        var database = scope.ServiceProvider.GetRequiredService<UsersDbContext>();
        var applications = scope.ServiceProvider.GetRequiredService<IOpenIddictApplicationManager>();
        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
        await database.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock(hashtext('clients'))", cancellationToken);
        foreach (var client in All())
        {
            if (await applications.FindByClientIdAsync(client.ClientId!, cancellationToken) is { } known)
                await applications.UpdateAsync(known, client, cancellationToken);
            else
                await applications.CreateAsync(client, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private IEnumerable<OpenIddictApplicationDescriptor> All()
    {
        var cli = new OpenIddictApplicationDescriptor { ClientId = "shop-cli", ClientType = ClientTypes.Public, DisplayName = "Shop command line" };
        cli.Permissions.UnionWith([.. ForPeople, Permissions.GrantTypes.Password]);
        yield return cli;

        var web = new OpenIddictApplicationDescriptor { ClientId = "shop-web", ClientType = ClientTypes.Public, DisplayName = "Shop", ConsentType = ConsentTypes.Implicit };
        web.Permissions.UnionWith([
            .. ForPeople, Permissions.Endpoints.Authorization, Permissions.GrantTypes.AuthorizationCode, Permissions.ResponseTypes.Code,
        ]);
        web.RedirectUris.UnionWith(WebRedirectUris());
        yield return web;

        foreach (var secret in configuration.GetSection(SecretsSection).GetChildren())
        {
            var service = new OpenIddictApplicationDescriptor { ClientId = secret.Key, ClientSecret = secret.Value, ClientType = ClientTypes.Confidential };
            service.Permissions.UnionWith([
                Permissions.Endpoints.Token, Permissions.GrantTypes.ClientCredentials, Permissions.Prefixes.Scope + ShopTokens.InternalScope,
            ]);
            yield return service;
        }
    }

    /// <summary>Where browsers may be sent with a code: as configured, and the API reference page.</summary>
    private IEnumerable<Uri> WebRedirectUris() =>
        (configuration.GetSection("Identity:WebRedirectUris").Get<string[]>() ?? [])
        .Append($"{configuration[ShopTokens.IssuerKey]!.TrimEnd('/')}/scalar/")
        .Select(uri => new Uri(uri));
}
