using System.Text.RegularExpressions;
using static Microsoft.Playwright.Assertions;

namespace Shop.BrowserTests;

/// <summary>The dashboard of the whole shop, as a person sees it. One shop for all: what one test stops, another must not be looking at.</summary>
[Collection("One shop")]
public sealed partial class DashboardTests(RunningShop shop)
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
        await Expect(page).ToHaveURLAsync(new Regex("/login"));
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

        await ExpectServicesAsync(page);
        await Expect(page.GetByRole(AriaRole.Treeitem).Filter(new() { HasText = "gateway" }).First).ToBeVisibleAsync();

        // What was logged about it is found by the same words.
        await page.GotoAsync(new Uri(shop.Login, $"/logs?q={Uri.EscapeDataString($"order.id = {id}")}").ToString());
        await Expect(page.Locator(".list .row .message").Filter(new() { HasText = id }).First).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Console_OfAServiceThatRestarts_ShowsNewLinesAsTheyAreWritten()
    {
        var console = await shop.OpenAsync("/console?resource=shipping");
        var lines = console.GetByRole(AriaRole.Log).Locator(".line");
        await Expect(lines.First).ToBeVisibleAsync();
        var page = await shop.OpenAsync();

        // As soon as there is a button, it is heard: even before, or without, the font of the icons.
        await page.RouteAsync("**/MaterialSymbols*", font => font.AbortAsync());
        await page.GotoAsync(shop.Url("/"));
        await page.GetByLabel("Restart shipping", new() { Exact = true }).ClickAsync();

        var end = lines.Filter(new() { HasText = "Application is shutting down" });
        await Expect(end).ToBeVisibleAsync();
        await console.WaitForFunctionAsync(
            "end => [...document.querySelectorAll('.console .line')].some(line => line.innerText.includes('Application started') && Number(line.querySelector('.number').innerText) > end)",
            int.Parse(await end.Locator(".number").InnerTextAsync(), CultureInfo.InvariantCulture), new() { Timeout = 120_000 });
    }

    [Fact]
    public async Task Console_Paused_ShowsNewLinesOnlyWhenItGoesOn()
    {
        var paused = await shop.OpenAsync("/console?resource=notifications&q=for%20order");
        var live = await shop.OpenAsync("/console?resource=notifications");
        await paused.GetByRole(AriaRole.Button, new() { Name = "Live" }).ClickAsync();
        await Expect(paused.GetByRole(AriaRole.Button, new() { Name = "Paused" })).ToBeVisibleAsync();

        // The other page tells when the lines are written; the second order is more than a paused page could be late.
        var id = await shop.PlaceOrderAsync();
        foreach (var order in new[] { id, await shop.PlaceOrderAsync() })
        {
            await live.GetByLabel("Search", new() { Exact = true }).FillAsync(order);
            await Expect(live.Locator(".console .line").First).ToContainTextAsync($"for order {order}");
        }

        var lines = paused.Locator(".console .line").Filter(new() { HasText = id });
        await Expect(lines).ToHaveCountAsync(0);
        await paused.GetByRole(AriaRole.Button, new() { Name = "Paused" }).ClickAsync();
        await Expect(lines.First).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Console_SearchedAndDownloaded_HasTheLine()
    {
        var page = await shop.OpenAsync("/console?resource=orders");
        var lines = page.Locator(".console .line .text");
        await Expect(lines.First).ToBeVisibleAsync(); // or there would be none of the others even before the search
        await page.GetByLabel("Search", new() { Exact = true }).FillAsync("now LISTENING on");
        await Expect(lines.First).ToContainTextAsync("Now listening on: http");
        await Expect(lines.Filter(new() { HasNotText = "Now listening on: http" })).ToHaveCountAsync(0);
        var line = (await lines.First.InnerTextAsync()).Trim();

        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Link, new() { Name = "Download" }).ClickAsync());

        var text = await File.ReadAllLinesAsync(await download.PathAsync(), TestContext.Current.CancellationToken);
        Assert.StartsWith("Now listening on: http", line, StringComparison.Ordinal);
        Assert.Contains(line, text.Select(written => written.Trim()));
    }

    [Fact]
    public async Task Logs_FilteredByServiceFieldTextAndLevel_AreThoseThatFitAndLeadToTheirTrace()
    {
        var id = await shop.PlaceOrderAsync();
        var page = await shop.OpenAsync("/logs");
        await page.GetByLabel("Service", new() { Exact = true }).SelectOptionAsync("notifications");
        await Expect(page.Locator(".list .row .name").Filter(new() { HasNotText = "notifications" })).ToHaveCountAsync(0);

        await page.GetByLabel("Search", new() { Exact = true }).FillAsync($"OrderId = {id} confirmed");
        var messages = page.Locator(".list .row .message");
        await Expect(messages.Filter(new() { HasNotText = $"OrderConfirmed for order {id}" })).ToHaveCountAsync(0);
        await Expect(messages.First).ToBeVisibleAsync();

        await page.GetByLabel("Level", new() { Exact = true }).SelectOptionAsync("Warning and above");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "No log record fits" })).ToBeVisibleAsync();
        await page.GetByLabel("Level", new() { Exact = true }).SelectOptionAsync("Information and above");
        await messages.First.ClickAsync();
        await page.GetByRole(AriaRole.Complementary, new() { Name = "Log record" }).GetByRole(AriaRole.Link, new() { Name = "Open its trace" }).ClickAsync();

        await Expect(page).ToHaveURLAsync(new Regex("/traces/[0-9a-f]{32}"));
        await Expect(page.GetByRole(AriaRole.Complementary, new() { Name = "Span" })).ToContainTextAsync("notifications");

        // It is one of the last of a hundred, of which the first are drawn: when all have come, the page begins where it stands.
        await ExpectServicesAsync(page);
        await page.ReloadAsync();
        await Expect(page.Locator(".waterfall .row.selected")).ToBeInViewportAsync();
        Assert.True(await page.Locator(".waterfall").EvaluateAsync<double>("list => list.scrollTop") > 0);
    }

    [Fact]
    public async Task Trace_OfAnotherId_IsJumpedTo()
    {
        await shop.BrowseAsync(2);
        var page = await shop.OpenAsync("/traces?service=gateway");
        var other = (await page.Locator("a.row").Nth(1).GetAttributeAsync("href"))!.Split('/')[^1];
        await page.Locator("a.row").First.ClickAsync();
        var jump = page.GetByLabel("Jump to a trace id");

        await jump.FillAsync($" {other} ");
        await jump.PressAsync("Enter");
        await Expect(page.Locator(".facts .id")).ToContainTextAsync(other);
        await Expect(page).ToHaveURLAsync(new Regex($"/traces/{other}$"));

        await jump.FillAsync(new string('f', other.Length));
        await jump.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "This trace is not here" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Chart_OfACounter_RisesWhileRequestsAreMade()
    {
        const int Requests = 200;
        await shop.BrowseAsync(1);
        var page = await shop.OpenAsync("/metrics?service=gateway&scope=Shop.Http&name=http.requests");
        await page.GetByRole(AriaRole.Button, new() { Name = "Total" }).ClickAsync();
        var line = page.Locator(".plot .rz-line-series path").First;
        await Expect(line).ToBeVisibleAsync();
        var before = await NowAsync(page);

        await shop.BrowseAsync(Requests);

        var patience = DateTime.UtcNow.AddMinutes(1);
        while (await NowAsync(page) is var now && now < before + Requests)
        {
            Assert.True(DateTime.UtcNow < patience, $"The chart stands at {now}, and stood at {before} before {Requests} requests.");
            await page.WaitForTimeoutAsync(500);
        }
        var drawn = Coordinates(await line.GetAttributeAsync("d"));
        Assert.True(drawn[^1].Y < drawn[0].Y - 10, "The line does not rise.");
    }

    [Fact]
    public async Task Exemplar_OfAHistogram_OpensItsTrace()
    {
        await shop.BrowseAsync(5);
        var page = await shop.OpenAsync("/metrics?service=gateway&scope=Microsoft.AspNetCore.Hosting&name=http.server.request.duration");

        await page.Locator(".exemplars a.chip").First.ClickAsync();

        await Expect(page).ToHaveURLAsync(new Regex("/traces/[0-9a-f]{32}"));
        await Expect(page.Locator(".waterfall .row.selected")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Replica_AddedAndRemovedByButtons_ComesAndGoes()
    {
        var page = await shop.OpenAsync("/?resource=payments");
        var details = page.GetByRole(AriaRole.Complementary, new() { Name = "Resource" });

        await details.GetByRole(AriaRole.Button, new() { Name = "Add a replica" }).ClickAsync();
        await Expect(Row(page, "payments")).ToContainTextAsync("2 of 2 healthy");
        await details.GetByRole(AriaRole.Button, new() { Name = "Remove a replica" }).ClickAsync();

        await Expect(Row(page, "payments")).Not.ToContainTextAsync("replicas");
        await Expect(Row(page, "payments")).ToContainTextAsync("Healthy");
    }

    [Fact]
    public async Task Keyboard_Alone_FindsOpensAndCloses()
    {
        await shop.BrowseAsync(1);
        var page = await shop.OpenAsync("/");
        await Row(page, "postgres").FocusAsync();
        await page.Keyboard.PressAsync("ArrowDown");
        await page.Keyboard.PressAsync("Enter");
        var details = page.GetByRole(AriaRole.Complementary, new() { Name = "Resource" });
        await Expect(details).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Escape");
        await Expect(details).ToBeHiddenAsync();

        await page.GotoAsync(new Uri(shop.Login, "/traces").ToString());
        await Expect(page.Locator("a.row").First).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("/");
        await Expect(page.GetByLabel("Search", new() { Exact = true })).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync("name ~ products");
        await Expect(page).ToHaveURLAsync(new Regex("q=name"));
        await page.Locator("a.row").Filter(new() { HasText = "GET /api" }).First.FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        var root = page.GetByRole(AriaRole.Treeitem).First;
        await root.FocusAsync();
        await page.Keyboard.PressAsync("ArrowLeft");
        await Expect(root).ToHaveAttributeAsync("aria-expanded", "false");
        await page.Keyboard.PressAsync("ArrowRight");
        await Expect(root).ToHaveAttributeAsync("aria-expanded", "true");
    }

    [Fact]
    public async Task Pages_OnAPhone_AreNoWiderThanIt()
    {
        const int Width = 390;
        await shop.BrowseAsync(1);
        var page = await shop.OpenAsync("/");
        await page.SetViewportSizeAsync(Width, 844);
        foreach (var (path, content) in new[]
        {
            ("/", "[data-resource='orders']"), ("/?view=graph", ".graph .node"), ("/?resource=orders", "aside.details"), ("/console?resource=orders", ".console .line"),
            ("/logs", ".list .row .message"), ("/traces", "a.row"), ("/metrics?service=gateway&scope=Shop.Http&name=http.requests", ".plot svg"),
        })
        {
            await page.GotoAsync(new Uri(shop.Login, path).ToString());
            await Expect(page.Locator(content).First).ToBeVisibleAsync();
            await page.WaitForFunctionAsync("width => document.documentElement.scrollWidth <= width", Width);
        }
    }

    [Fact]
    public async Task Theme_Chosen_IsKept()
    {
        var page = await shop.OpenAsync("/", ColorScheme.Light);
        await page.GetByLabel("Light or dark").ClickAsync();
        await page.ReloadAsync();

        await Expect(page.GetByLabel("Light or dark")).ToBeVisibleAsync();
        Assert.Equal("dark", await page.EvaluateAsync<string>("document.documentElement.style.colorScheme"));
        Assert.Equal("rgb(15, 17, 21)", await page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor"));
    }

    /// <summary>The newest value of the chart's first line.</summary>
    private static async Task<int> NowAsync(IPage page) =>
        int.TryParse(await page.Locator(".chart tbody td.number").First.InnerTextAsync(), CultureInfo.InvariantCulture, out var now) ? now : 0;

    /// <summary>The points of a line; y grows downwards.</summary>
    private static (double X, double Y)[] Coordinates(string? path) =>
        [.. Numbers().Matches(path ?? "").Select(number => double.Parse(number.Value, CultureInfo.InvariantCulture)).Chunk(2).Select(pair => (pair[0], pair[1]))];

    [GeneratedRegex(@"-?\d+(\.\d+)?(e-?\d+)?")]
    private static partial Regex Numbers();

    private static ILocator Row(IPage page, string name) => page.Locator($"[data-resource='{name}']");

    /// <summary>Waits until spans of all services have come.</summary>
    private static async Task ExpectServicesAsync(IPage page)
    {
        foreach (var service in new[] { "gateway", "orders", "users", "products", "inventory", "payments", "shipping", "notifications" })
            await Expect(page.Locator(".facts .chip").Filter(new() { HasText = service })).ToBeVisibleAsync();
    }
}
