using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.DataProtection;

namespace LocalAspire.Dashboard.Access;

/// <summary>Lets in whoever knows the browser token, and remembers it in a cookie for as long as this process lives.</summary>
internal static class Login
{
    public static void AddLogin(this IServiceCollection services, DashboardOptions options)
    {
        // Tokens live as long as the process; so may the keys that protect its cookies.
        services.AddDataProtection().UseEphemeralDataProtectionProvider();
        services.AddAntiforgery(antiforgery => antiforgery.Cookie.Name = $"localaspire.dashboard.form.{PortOf(options)}");
        services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie(cookie =>
        {
            // Cookies know no port: without it in the name, two dashboards on one machine would log each other out.
            cookie.Cookie.Name = $"localaspire.dashboard.{PortOf(options)}";
            cookie.Cookie.SameSite = SameSiteMode.Lax;
            cookie.LoginPath = "/login";
            cookie.ReturnUrlParameter = "returnUrl";
            cookie.ExpireTimeSpan = TimeSpan.FromDays(7);
        });
        services.AddAuthorizationBuilder().SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
        services.AddCascadingAuthenticationState();
    }

    /// <summary>Signs the browser in if the token is right.</summary>
    public static async Task<bool> TrySignInAsync(HttpContext context, DashboardOptions options, string token)
    {
        if (!AreEqual(token, options.BrowserToken))
            return false;
        var identity = new ClaimsIdentity([new Claim(ClaimTypes.Name, "dashboard")], CookieAuthenticationDefaults.AuthenticationScheme);
        await context.SignInAsync(new ClaimsPrincipal(identity), new AuthenticationProperties { IsPersistent = true });
        return true;
    }

    /// <summary>Compares two secrets in a time that tells nothing of where they differ.</summary>
    public static bool AreEqual(string given, string expected) =>
        CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(given)), SHA256.HashData(Encoding.UTF8.GetBytes(expected)));

    private static int PortOf(DashboardOptions options) => new Uri(options.Url).Port;
}
