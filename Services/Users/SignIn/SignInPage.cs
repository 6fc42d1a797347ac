using System.Text;
using System.Text.Encodings.Web;
using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Shop.Users.SignIn;

/// <summary>The one page that Users has: e-mail address and password, and the browser's request carried along.</summary>
internal static class SignInPage
{
    public static IResult Show(OpenIddictRequest request, string? message) => new Page(request, message);

    private static string Render(OpenIddictRequest request, string? message)
    {
        var fields = new StringBuilder();
        foreach (var (name, value) in request.GetParameters())
        {
            if (name is not (Parameters.Username or Parameters.Password) && (string?)value is { } text)
                fields.Append($"""<input type="hidden" name="{Encode(name)}" value="{Encode(text)}">""");
        }

        return $$"""
            <!doctype html>
            <html lang="en">
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>Sign in</title>
            <style>
              body { font: 16px/1.5 system-ui, sans-serif; display: grid; place-items: center; min-height: 90vh; margin: 0; color: #222; background: #f4f4f2 }
              form { display: grid; gap: .75rem; width: 18rem; padding: 2rem; background: #fff; border-radius: 8px }
              h1 { margin: 0; font-size: 1.25rem } p { margin: 0; color: #a00 } input, button { font: inherit; padding: .5rem; width: 100%; box-sizing: border-box }
            </style>
            <form method="post">
              <h1>Sign in to the shop</h1>
              {{(message is null ? "" : $"<p role=\"alert\">{Encode(message)}</p>")}}
              {{fields}}
              <label>E-mail address <input type="email" name="username" autocomplete="username" required autofocus></label>
              <label>Password <input type="password" name="password" autocomplete="current-password" required></label>
              <button>Sign in</button>
            </form>
            </html>
            """;
    }

    private static string Encode(string text) => HtmlEncoder.Default.Encode(text);

    private sealed class Page(OpenIddictRequest request, string? message) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            var response = httpContext.Response;
            response.StatusCode = message is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest;
            response.ContentType = "text/html; charset=utf-8";
            response.Headers.CacheControl = "no-store";
            response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";
            return response.WriteAsync(Render(request, message), httpContext.RequestAborted);
        }
    }
}
