using static Microsoft.Playwright.Assertions;

namespace Shop.BrowserTests;

/// <summary>The pictures of the documentation, made only when they are asked for.</summary>
[Collection("One shop")]
public sealed class Screenshots(RunningShop shop)
{
    [Fact]
    public async Task Pages_OfTheShop_AreDrawn()
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable("SHOP_SCREENSHOTS") is not "1", "Pictures are drawn with SHOP_SCREENSHOTS=1.");
        var id = "";
        for (var i = 0; i < 12; i++)
            id = await shop.PlaceOrderAsync();
        var page = await shop.OpenAsync("/");
        await Expect(page.GetByRole(AriaRole.Status).First).ToContainTextAsync("all healthy");
        await TakeAsync(page, "resources");
        await GoAsync(page, "/?resource=orders", ".details");
        await page.GetByRole(AriaRole.Button, new() { Name = "Show values" }).ClickAsync();
        await TakeAsync(page, "resource");
        await GoAsync(page, "/?view=graph", ".graph .node");
        await TakeAsync(page, "graph");
        await GoAsync(page, "/console?resource=notifications&q=for order", ".console .line"); // no other line: the first ones tell where the machine keeps the shop
        await TakeAsync(page, "console");
        await GoAsync(page, $"/logs?q={Uri.EscapeDataString($"order.id = {id}")}", ".list .row .message");
        await page.Locator(".list .row .message").Filter(new() { HasText = "OrderConfirmed" }).First.ClickAsync();
        await TakeAsync(page, "logs");
        await GoAsync(page, "/traces", "a.row");
        await TakeAsync(page, "traces");
        await GoAsync(page, $"/traces?q={Uri.EscapeDataString($"order.id = {id}")}", "a.row");
        var trace = page.Locator("a.row").Filter(new() { HasText = "POST /api" }).First;
        await GoAsync(page, await trace.GetAttributeAsync("href") ?? "", ".facts .chip");
        await Expect(page.Locator(".facts .chip").Filter(new() { HasText = "notifications" })).ToBeVisibleAsync();
        await TakeAsync(page, "trace");
        await GoAsync(page, "/metrics?service=gateway", ".instrument");
        await page.GetByRole(AriaRole.Link, new() { Name = "http.server.request.duration" }).First.ClickAsync();
        await TakeAsync(page, "metrics");
        var light = await shop.OpenAsync("/?view=graph", ColorScheme.Light);
        await Expect(light.Locator(".graph .node").First).ToBeVisibleAsync();
        await TakeAsync(light, "graph-light");
        await light.SetViewportSizeAsync(390, 844);
        await GoAsync(light, "/traces", "a.row");
        await TakeAsync(light, "phone");
    }

    private async Task GoAsync(IPage page, string path, string selector)
    {
        await page.GotoAsync(new Uri(shop.Login, path).ToString());
        await Expect(page.Locator(selector).First).ToBeVisibleAsync();
    }

    private static async Task TakeAsync(IPage page, string name)
    {
        await page.WaitForTimeoutAsync(1_500); // until fonts and charts are there, which tell nobody
        await page.ScreenshotAsync(new() { Path = Path.Combine(RunningShop.Root, $"docs/images/dashboard-{name}.png") });
    }
}
