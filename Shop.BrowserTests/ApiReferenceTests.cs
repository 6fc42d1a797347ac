using System.Buffers.Text;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.RegularExpressions;
using static Microsoft.Playwright.Assertions;

namespace Shop.BrowserTests;

/// <summary>The page that describes the API, as somebody uses it who wants to try a call.</summary>
public sealed partial class ApiReferenceTests(RunningShop shop)
{
    [Fact]
    public async Task SignIn_OnThePage_GivesATokenThatTheShopTakes()
    {
        var page = await shop.OpenAsync();
        await page.GotoAsync(new Uri(shop.Gateway, "/scalar/").ToString());
        var authorize = page.GetByRole(AriaRole.Button, new() { Name = "Authorize", Exact = true });
        var signIn = await page.RunAndWaitForPopupAsync(() => authorize.ClickAsync());
        await signIn.GetByLabel("E-mail address").FillAsync(RunningShop.DemoEmail);
        await signIn.GetByLabel("Password").FillAsync(RunningShop.Password);
        await signIn.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();

        var field = page.GetByRole(AriaRole.Textbox, new() { Name = "Access Token" });
        await Expect(field).ToHaveValueAsync(Jwt());
        var token = await field.InputValueAsync();
        var user = JsonElement.Parse(Base64Url.DecodeFromChars(token.Split('.')[1])).GetProperty("sub").GetString();
        using var http = new HttpClient { BaseAddress = shop.Gateway, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri($"/api/v1/users/{user}", UriKind.Relative), TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task Links_OfThePage_SendNobodyElsewhereWithTheShopsAddress()
    {
        var page = await shop.OpenAsync();
        await page.GotoAsync(new Uri(shop.Gateway, "/scalar/").ToString());
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Authorize", Exact = true })).ToBeVisibleAsync();

        var links = await page.Locator("a[href^=http]").EvaluateAllAsync<string[]>("links => links.map(link => link.href)");

        Assert.DoesNotContain(links, link => link.Contains(shop.Gateway.Authority, StringComparison.OrdinalIgnoreCase) || link.Contains("localhost", StringComparison.Ordinal));
    }

    [GeneratedRegex(@"eyJ[\w-]+\.[\w-]+\.[\w-]+")]
    private static partial Regex Jwt();
}
