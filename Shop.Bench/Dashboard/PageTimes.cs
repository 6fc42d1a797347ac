using System.Text.Json;
using Microsoft.Playwright;

namespace Shop.Bench.Dashboard;

/// <summary>How long a page takes until what it is opened for is on it, in a browser.</summary>
internal sealed class PageTimes(IBrowserContext browser, Uri dashboard)
{
    private const int Repetitions = 5;

    /// <summary>Fulfils a promise, from within the page, at the moment when something is on it.</summary>
    private const string Watch = """
        window.until = selector => new Promise(found => {
            const look = () => document.querySelector(selector) && (found(performance.now()), true);
            look() || new MutationObserver((_, observer) => look() && observer.disconnect()).observe(document, { childList: true, subtree: true });
        });
        """;

    /// <summary>
    /// From another page of the dashboard, which is the time that the dashboard takes; and by its address, which begins with the loading of
    /// scripts. Medians.
    /// </summary>
    /// <param name="name">Of the page.</param>
    /// <param name="path">Where it is.</param>
    /// <param name="selector">What it is opened for.</param>
    public async Task<IReadOnlyList<Figure>> MeasureAsync(string name, string path, string selector)
    {
        var page = await browser.NewPageAsync();
        await page.AddInitScriptAsync($"{Watch} window.shown = until({JsonSerializer.Serialize(selector)});");
        var opened = new List<double>();
        var visited = new List<double>();
        for (var i = 0; i < Repetitions; i++)
        {
            await page.GotoAsync(new Uri(dashboard, path).ToString());
            opened.Add(await page.EvaluateAsync<double>("shown"));
            await page.GotoAsync(new Uri(dashboard, "/nothing").ToString());
            await page.Locator(".empty").WaitForAsync();
            visited.Add(await page.EvaluateAsync<double>(
                "([path, selector]) => { const clicked = performance.now(); Blazor.navigateTo(path); return until(selector).then(now => now - clicked); }", new[] { path, selector }));
        }
        await page.CloseAsync();
        return [new($"{name}, from another page, p50", visited.Order().ElementAt(Repetitions / 2), "ms", 200), new($"{name}, by its address, p50", opened.Order().ElementAt(Repetitions / 2), "ms")];
    }
}
