using static Microsoft.Playwright.Assertions;

namespace LocalAspire.BrowserTests;

/// <summary>The dashboard of the whole shop, as a person sees it.</summary>
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
        var page = await shop.OpenAsync("/traces");
        await page.GetByRole(AriaRole.Searchbox, new() { Name = "Search" }).FillAsync($"order.id = {id}");
        await page.Locator("a.row").Filter(new() { HasText = "POST" }).First.ClickAsync();

        foreach (var service in new[] { "gateway", "orders", "users", "products", "inventory", "payments", "shipping", "notifications" })
            await Expect(page.Locator(".facts .chip").Filter(new() { HasText = service })).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Treeitem).Filter(new() { HasText = "gateway" }).First).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Console_OfAService_ShowsLinesAsTheyAreWritten()
    {
        var console = await shop.OpenAsync("/console?resource=shipping");
        await Expect(console.Locator(".console .line").First).ToBeVisibleAsync();
        var before = await console.GetByRole(AriaRole.Status).First.InnerTextAsync();
        var resources = await shop.OpenAsync("/");

        await resources.GetByLabel("Restart shipping", new() { Exact = true }).ClickAsync();

        await Expect(console.GetByRole(AriaRole.Status).First).Not.ToHaveTextAsync(before);
        await Expect(console.GetByRole(AriaRole.Log)).ToContainTextAsync("Executing command 'restart'");
    }

    [Fact]
    public async Task Counter_OfOrders_Moves()
    {
        await shop.PlaceOrderAsync();
        var page = await shop.OpenAsync("/metrics?service=gateway");
        await page.GetByRole(AriaRole.Link, new() { Name = "http_requests_total" }).First.ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Total" }).ClickAsync();
        var line = page.Locator(".plot path.rz-line-series, .plot .rz-series path").First;
        await Expect(line).ToBeAttachedAsync();
        var before = await line.GetAttributeAsync("d");

        await shop.PlaceOrderAsync();

        await Expect(line).Not.ToHaveAttributeAsync("d", before ?? "");
    }

    private static ILocator Row(IPage page, string name) => page.Locator($"[data-resource='{name}']");
}
