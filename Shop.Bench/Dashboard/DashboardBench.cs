using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Playwright;
using Shop.BrowserTests;

namespace Shop.Bench.Dashboard;

/// <summary><c>bench dashboard</c>: what the dashboard takes in without loss, how fast it answers with all of it stored, and what memory it needs.</summary>
internal static class DashboardBench
{
    private const int Spans = 100_000;
    private const int SpansPerRequest = 500;
    private const int SpansPerSecond = 10_000;
    private const int Repetitions = 20;
    private const int Logs = 50_000;
    private const int LogsPerRequest = 1_000;

    /// <summary>When nothing comes for so long, the dashboard has forgotten the pages that were left, and given back what it does not need.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(40);

    public static async Task<int> RunAsync(CommandLine options, CancellationToken cancellationToken)
    {
        Say("starting the dashboard");
        await using var resources = await ResourceLoad.StartAsync(cancellationToken);
        await using var dashboard = await BenchedDashboard.StartAsync(Spans, resources.Urls.Single(), cancellationToken);
        await Task.Delay(TimeSpan.FromSeconds(5), cancellationToken);
        var figures = new List<Figure> { new("memory at rest, nothing stored", dashboard.Megabytes(), "MB", 130) };

        Say($"sending {Spans:N0} spans, {SpansPerSecond:N0} a second");
        var load = new SpanLoad(SpansPerRequest);
        var requests = Enumerable.Range(0, Spans / SpansPerRequest).Select(load.Request).ToList();
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < requests.Count; i++)
        {
            if (TimeSpan.FromSeconds((double)i * SpansPerRequest / SpansPerSecond) - watch.Elapsed is { Ticks: > 0 } early)
                await Task.Delay(early, cancellationToken);
            await dashboard.SendAsync("traces", requests[i], cancellationToken);
        }
        var status = await dashboard.ReadAsync("/api/status", cancellationToken);
        figures.Add(new("spans taken in", Spans / watch.Elapsed.TotalSeconds, "spans/s", SpansPerSecond));
        figures.Add(new("spans lost of these", Spans - status.GetProperty("spans").GetInt32(), "spans", 0));

        Say("asking while all of them are stored");
        var last = load.LastOrder;
        foreach (var (name, path) in new[]
        {
            ("newest traces", "/api/traces"), ("traces by order.id", $"/api/traces?q=order.id%20%3D%20{last}"), ("traces by a word anywhere", $"/api/traces?q={last}"),
            ("traces with errors of a service", "/api/traces?service=orders&errors=true"), ("traces by a number", "/api/traces?q=http.response.status_code%20%3E%3D%20500"),
        })
            figures.Add(new($"{name}, p50", await MedianAsync(dashboard, path, cancellationToken), "ms", 200));
        figures.AddRange(await PagesAsync(dashboard, load, cancellationToken));
        await Task.Delay(Rest, cancellationToken);
        figures.Add(new($"memory at rest, {Spans:N0} spans stored", dashboard.Megabytes(), "MB", 130));

        Say("sending as fast as it takes them");
        watch.Restart();
        var sent = 0;
        await Parallel.ForEachAsync(Enumerable.Range(requests.Count, 1_000), new ParallelOptions { MaxDegreeOfParallelism = 2, CancellationToken = cancellationToken }, async (number, stop) =>
        {
            await dashboard.SendAsync("traces", requests[number % requests.Count], stop);
            Interlocked.Add(ref sent, SpansPerRequest);
        });
        figures.Add(new("spans taken in at most, two senders", sent / watch.Elapsed.TotalSeconds, "spans/s"));
        Say("");
        foreach (var figure in figures)
            Say(figure.ToString());
        if (options.Text("json") is { } file)
            await Figure.WriteAsync(file, figures, cancellationToken);
        return 0;
    }

    /// <summary>Every page, with all spans, as many logs as are kept, and half an hour of metrics stored; nothing where there is no browser.</summary>
    private static async Task<IReadOnlyList<Figure>> PagesAsync(BenchedDashboard dashboard, SpanLoad load, CancellationToken cancellationToken)
    {
        if (Chromium.Find() is not { } program)
        {
            Say($"the pages are not measured. {Chromium.Missing}");
            return [];
        }

        Say("opening the pages");
        for (var i = 0; i < Logs / LogsPerRequest; i++)
            await dashboard.SendAsync("logs", PageLoad.Logs(LogsPerRequest), cancellationToken);
        for (var secondsAgo = 1_800; secondsAgo >= 0; secondsAgo -= 5)
            await dashboard.SendAsync("metrics", PageLoad.Metrics(secondsAgo), cancellationToken);
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await Chromium.StartAsync(playwright, program);
        await using var context = await browser.NewContextAsync(new() { ViewportSize = new() { Width = 1440, Height = 900 } });
        await (await context.NewPageAsync()).GotoAsync(dashboard.Login.ToString());
        var times = new PageTimes(context, dashboard.Login);
        var figures = new List<Figure>();
        foreach (var (name, path, selector) in new[]
        {
            ("Resources", "/", ".row[data-resource] .state"), ("Resources as a graph", "/?view=graph", ".graph .node"), ("Console", $"/console?resource={ResourceLoad.Name}", ".console .line .text"),
            ("Structured logs", "/logs", ".list .row .message"), ("Traces", "/traces", "a.row .services .chip"), ("Traces by order.id", $"/traces?q=order.id = {load.LastOrder}", "a.row .services .chip"),
            ("Trace", $"/traces/{load.LastTrace}", ".waterfall .bar"), ("Metrics", $"/metrics?service={PageLoad.Service}&scope={PageLoad.Scope}&name={PageLoad.Histogram}", ".plot path[d]"),
        })
            figures.AddRange(await times.MeasureAsync(name, path, selector));
        figures.Add(new("memory with pages open", dashboard.Megabytes(), "MB"));
        return figures;
    }

    private static async Task<double> MedianAsync(BenchedDashboard dashboard, string path, CancellationToken cancellationToken)
    {
        var times = new List<double>();
        for (var i = 0; i < Repetitions; i++)
        {
            var started = Stopwatch.GetTimestamp();
            if (await dashboard.ReadAsync(path, cancellationToken) is { ValueKind: JsonValueKind.Array } found && found.GetArrayLength() == 0)
                throw new InvalidOperationException($"{path} found nothing, so that its time means nothing");
            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }
        return times.Order().ElementAt(Repetitions / 2);
    }

    private static void Say(string line) => Console.WriteLine(line);
}
