using Shop.Bench.Dashboard;
using static Microsoft.Playwright.Assertions;

namespace Shop.BrowserTests;

/// <summary>A dashboard of its own, with the spans of one busy minute in it.</summary>
[Collection("One shop")]
public sealed class BusyDashboardTests(RunningShop shop)
{
    private const int Spans = 50_000;
    private const int SpansPerRequest = 500;
    private const int SpansPerTrace = 10;

    /// <summary>Beyond it a page is unusable even on a busy machine; how fast it is on one that does nothing else is the benchmark's to say.</summary>
    private static readonly LocatorAssertionsToBeVisibleOptions InTime = new() { Timeout = 60_000 };

    [Fact]
    public async Task Pages_WithTheSpansOfABusyMinute_AreStillUsable()
    {
        var page = await shop.OpenAsync();
        var stop = TestContext.Current.CancellationToken;
        await using var dashboard = await BenchedDashboard.StartAsync(Spans, resources: "", stop);
        var load = new SpanLoad(SpansPerRequest);
        for (var number = 0; number < Spans / SpansPerRequest; number++)
            await dashboard.SendAsync("traces", load.Request(number), stop);
        Assert.Equal(Spans, (await dashboard.ReadAsync("/api/status", stop)).GetProperty("spans").GetInt32());
        await page.GotoAsync(dashboard.Login.ToString());

        await page.GetByRole(AriaRole.Navigation).GetByRole(AriaRole.Link, new() { Name = "Traces" }).ClickAsync();
        var traces = page.Locator("a.row");
        await Expect(traces.First).ToBeVisibleAsync(InTime);
        await Expect(page.GetByRole(AriaRole.Status).First).ToHaveTextAsync((Spans / SpansPerTrace).ToString("N0", CultureInfo.InvariantCulture), new() { Timeout = InTime.Timeout });

        await page.GetByLabel("Search", new() { Exact = true }).FillAsync($"order.id={load.LastOrder}");
        await Expect(traces).ToHaveCountAsync(1, new() { Timeout = InTime.Timeout });

        await traces.First.ClickAsync();
        await Expect(page.Locator(".waterfall .bar").First).ToBeVisibleAsync(InTime);
        await Expect(page.GetByRole(AriaRole.Treeitem)).ToHaveCountAsync(SpansPerTrace, new() { Timeout = InTime.Timeout });
    }
}
