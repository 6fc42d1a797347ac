using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Authentication;
using Microsoft.EntityFrameworkCore;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Shop.Users.SignIn;

/// <summary>
/// What <c>/connect/*</c> does once OpenIddict has found the request well-formed and the client in its rights. Errors are OAuth's own.
/// </summary>
internal static class TokenEndpoints
{
    private const string Scheme = OpenIddictServerAspNetCoreDefaults.AuthenticationScheme;

    public static void MapSignIn(this IEndpointRouteBuilder endpoints)
    {
        var connect = endpoints.MapGroup("/connect").AllowAnyone().ExcludeFromDescription();
        connect.MapPost("/token", IssueAsync);
        connect.MapMethods("/authorize", [HttpMethods.Get, HttpMethods.Post], AuthorizeAsync);
        connect.MapMethods("/userinfo", [HttpMethods.Get, HttpMethods.Post], GetUserInfoAsync);
    }

    private static Task<IResult> IssueAsync(HttpContext context, PasswordSignIn signIn, UsersDbContext database)
    {
        var request = context.GetOpenIddictServerRequest()!;
        if (request.IsPasswordGrantType())
            return IssueByPasswordAsync(context, request, signIn);
        if (request.IsClientCredentialsGrantType())
            return Task.FromResult(SignIn(Claim(new ClaimsIdentity(Scheme), request.ClientId!, [], request.GetScopes())));
        return IssueAgainAsync(context, database);
    }

    private static async Task<IResult> IssueByPasswordAsync(HttpContext context, OpenIddictRequest request, PasswordSignIn signIn)
    {
        var (user, wait) = await signIn.SignInAsync(request.Username!, request.Password!, context);
        if (user is not null)
            return SignIn(ClaimUser(new ClaimsIdentity(Scheme), user, request.GetScopes()));
        if (wait == TimeSpan.Zero)
            return Refuse("The e-mail address or the password is wrong.");

        context.Response.Headers.RetryAfter = Seconds(wait);
        return Results.Json(
            new { error = Errors.InvalidGrant, error_description = $"Too many wrong passwords: try again in {Seconds(wait)} s." },
            statusCode: StatusCodes.Status429TooManyRequests);
    }

    /// <summary>For a code or a refresh token: with what the user is now.</summary>
    private static async Task<IResult> IssueAgainAsync(HttpContext context, UsersDbContext database)
    {
        var before = (await context.AuthenticateAsync(Scheme)).Principal!;
        return await FindAsync(database, before, context.RequestAborted) is { } user
            ? SignIn(ClaimUser(new ClaimsIdentity(before.Claims, Scheme), user, before.GetScopes()))
            : Refuse("The account does not exist any more.");
    }

    /// <summary>The sign-in page. It keeps no session: a browser that comes again signs in again, or uses its refresh token.</summary>
    private static async Task<IResult> AuthorizeAsync(HttpContext context, PasswordSignIn signIn)
    {
        var request = context.GetOpenIddictServerRequest()!;
        if (request.HasPromptValue(PromptValues.None))
            return Refuse("Nobody is signed in: the page must be shown.", Errors.LoginRequired);
        if (!HttpMethods.IsPost(context.Request.Method) || request.Username is null || request.Password is null)
            return SignInPage.Show(request, message: null);

        var (user, wait) = await signIn.SignInAsync(request.Username, request.Password, context);
        if (user is not null)
            return SignIn(ClaimUser(new ClaimsIdentity(Scheme), user, request.GetScopes()));
        return SignInPage.Show(request, wait == TimeSpan.Zero
            ? "The e-mail address or the password is wrong."
            : $"Too many wrong passwords: try again in {Seconds(wait)} s.");
    }

    private static async Task<IResult> GetUserInfoAsync(HttpContext context, UsersDbContext database)
    {
        var caller = (await context.AuthenticateAsync(Scheme)).Principal!;
        if (await FindAsync(database, caller, context.RequestAborted) is not { } user)
            return Results.Challenge(Error(Errors.InvalidToken, "The account does not exist any more."), [Scheme]);

        return Results.Json(new Dictionary<string, object>
        {
            [Claims.Subject] = user.Id,
            [Claims.Name] = user.Name,
            [Claims.Email] = user.Email!,
            [Claims.Role] = user.Roles,
        });
    }

    private static async Task<User?> FindAsync(UsersDbContext database, ClaimsPrincipal principal, CancellationToken cancellationToken) =>
        Guid.TryParse(principal.GetClaim(Claims.Subject), out var id) ? await database.Users.SingleOrDefaultAsync(user => user.Id == id, cancellationToken) : null;

    private static ClaimsIdentity ClaimUser(ClaimsIdentity identity, User user, IEnumerable<string> scopes) => Claim(
        identity.SetClaim(Claims.Name, user.Name).SetClaim(Claims.Email, user.Email), user.Id.ToString(), user.Roles, scopes);

    private static ClaimsIdentity Claim(ClaimsIdentity identity, string subject, IEnumerable<string> roles, IEnumerable<string> scopes) => identity
        .SetClaim(Claims.Subject, subject)
        .SetClaims(Claims.Role, [.. roles])
        .SetScopes(scopes)
        .SetResources(ShopTokens.Audience)
        .SetDestinations(DestinationsOf);

    /// <summary>What services need goes into access tokens; name and address only to the client itself, if it asked.</summary>
    private static IEnumerable<string> DestinationsOf(Claim claim) => claim.Type switch
    {
        Claims.Name => claim.Subject!.HasScope(Scopes.Profile) ? [Destinations.IdentityToken] : [],
        Claims.Email => claim.Subject!.HasScope(Scopes.Email) ? [Destinations.IdentityToken] : [],
        Claims.Role => claim.Subject!.HasScope(Scopes.Roles) ? [Destinations.AccessToken, Destinations.IdentityToken] : [Destinations.AccessToken],
        _ => [Destinations.AccessToken],
    };

    private static IResult SignIn(ClaimsIdentity identity) => Results.SignIn(new ClaimsPrincipal(identity), authenticationScheme: Scheme);

    private static IResult Refuse(string description, string error = Errors.InvalidGrant) => Results.Forbid(Error(error, description), [Scheme]);

    private static AuthenticationProperties Error(string error, string description) => new(new Dictionary<string, string?>
    {
        [OpenIddictServerAspNetCoreConstants.Properties.Error] = error,
        [OpenIddictServerAspNetCoreConstants.Properties.ErrorDescription] = description,
    });

    private static string Seconds(TimeSpan wait) => Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
}
