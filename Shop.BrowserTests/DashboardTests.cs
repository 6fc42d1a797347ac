using static Microsoft.Playwright.Assertions;

namespace Shop.BrowserTests;

/// <summary>The dashboard of the whole shop, as a person sees it. One shop for all: what one test stops, another must not be looking at.</summary>
[Collection("One shop")]
public sealed class DashboardTests(RunningShop shop)
{
    [Fact]
    public async Task Login_WithAWrongToken_IsRefused()
    {
        var page = await shop.OpenAsync();
        await page.GotoAsync(new Uri(shop.Login, "/").ToString());
        await page.GetByLabel("Token").FillAsync("a wrong token of some length");
        await page.GetByRole(AriaRole.Button, new() { Name = "Log in" }).ClickAsync();

        await Expect(page.GetByRole(AriaRole.Alert).First).ToContainTextAsync("This token is wrong");
        await page.GotoAsync(new Uri(shop.Login, "/traces").ToString());
        await Expect(page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("/login"));
    }

    [Fact]
    public async Task Resources_OfTheShop_AreAllHealthyAndOneIsStoppedAndStarted()
    {
        var page = await shop.OpenAsync("/");
        await Expect(page.GetByRole(AriaRole.Status).First).ToContainTextAsync("all healthy");
        foreach (var name in new[] { "postgres", "messaging", "ordersdb", "gateway", "users", "products", "orders", "inventory", "payments", "shipping", "notifications" })
            await Expect(Row(page, name)).ToContainTextAsync("Healthy");

        await page.GetByLabel("Stop notifications", new() { Exact = true }).ClickAsync();
        await Expect(Row(page, "notifications")).ToContainTextAsync("Exited");
        await page.GetByLabel("Start notifications", new() { Exact = true }).ClickAsync();
        await Expect(Row(page, "notifications")).ToContainTextAsync("Healthy");
    }

    [Fact]
    public async Task Environment_OfAService_ShowsNoSecret()
    {
        var page = await shop.OpenAsync("/?resource=orders");
        var details = page.GetByRole(AriaRole.Complementary, new() { Name = "Resource" });
        await Expect(details).ToContainTextAsync("ConnectionStrings__ordersdb");
        await details.GetByRole(AriaRole.Button, new() { Name = "Show values" }).ClickAsync();

        await Expect(details).ToContainTextAsync("Username=ordersdb;Password=••••••••;Database=ordersdb");
        var secret = details.Locator("dl > div").Filter(new() { HasText = "Identity__ClientSecret" });
        await Expect(secret.Locator(".value")).ToHaveTextAsync("••••••••");
    }

    [Fact]
    public async Task Order_JustPlaced_IsFoundByItsIdWithAllServices()
    {
        var id = await shop.PlaceOrderAsync();
        var page = await shop.OpenAsync($"/traces?q={Uri.EscapeDataString($"order.id = {id}")}");
        var trace = page.Locator("a.row").Filter(new() { HasText = "POST /api" }).First;
        await page.GotoAsync(new Uri(shop.Login, await trace.GetAttributeAsync("href")).ToString());

        foreach (var service in new[] { "gateway", "orders", "users", "products", "inventory", "payments", "shipping", "notifications" })
            await Expect(page.Locator(".facts .chip").Filter(new() { HasText = service })).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Treeitem).Filter(new() { HasText = "gateway" }).First).ToBeVisibleAsync();
    }

    private static ILocator Row(IPage page, string name) => page.Locator($"[data-resource='{name}']");
}
