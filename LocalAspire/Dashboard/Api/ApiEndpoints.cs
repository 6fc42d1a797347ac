using System.Text;
using LocalAspire.Dashboard.Consoles;
using LocalAspire.Dashboard.Resources;
using LocalAspire.Dashboard.Search;
using LocalAspire.Dashboard.Store;
using Microsoft.AspNetCore.Mvc;

namespace LocalAspire.Dashboard.Api;

/// <summary>What the pages show, as JSON for scripts that are logged in.</summary>
internal static class ApiEndpoints
{
    private const int DefaultLimit = 100;

    public static void MapApi(this WebApplication app)
    {
        var api = app.MapGroup("/api").WithMetadata(new SkipStatusCodePagesAttribute());
        api.MapGet("/status", Status);
        api.MapGet("/traces", FindTraces);
        api.MapGet("/traces/{id}", ReadTrace);
        api.MapGet("/logs", FindLogs);
        api.MapGet("/resources", (ResourceClient resources) => resources.All.Select(resource => new ApiResource(
            resource.Id, resource.Name, resource.Type, resource.State, resource.Health.Length == 0 ? null : resource.Health, [.. resource.Urls.Where(url => !url.IsInternal).Select(url => url.Url_)])));
        api.MapGet("/console/{id}", DownloadAsync);
    }

    private static ApiStatus Status(SpanStore spans, LogStore logs, ResourceRegistry resources) => new(spans.Count, logs.Count, resources.ServiceNames());

    private static IEnumerable<ApiTrace> FindTraces(SpanStore spans, string? q, string? service, bool? errors, int? min, int? limit)
    {
        var found = spans.Find(new TraceFilter(SearchQuery.Parse(q), service, errors ?? false, TimeSpan.FromMilliseconds(min ?? 0)));
        return spans.Summarize(found.Take(limit ?? DefaultLimit)).Select(trace => new ApiTrace(
            trace.Id.ToString(), trace.Name, trace.Resource.Name, TimeOf(trace.Start), trace.Duration / 1e6, trace.Spans, trace.Errors,
            trace.Services.ToDictionary(share => share.Name, share => share.Spans)));
    }

    private static IResult ReadTrace(SpanStore spans, string id)
    {
        var found = TraceId.TryParse(id, out var trace) ? spans.Spans(trace) : [];
        return found.Length == 0 ? Results.Problem("no span of this trace is kept", statusCode: StatusCodes.Status404NotFound) : Results.Ok(found.Select(span => new ApiSpan(
            span.Entry.Id.ToString("x16"), span.Entry.Parent == 0 ? null : span.Entry.Parent.ToString("x16"), span.Name, span.Entry.Resource.Name, span.Entry.Kind.ToString(),
            span.Entry.IsError, TimeOf(span.Entry.Start), (span.Entry.End - span.Entry.Start) / 1e6, Map(span.Read().Attributes))));
    }

    private static IEnumerable<ApiLog> FindLogs(LogStore logs, string? q, string? service, int? level, string? trace, int? limit)
    {
        _ = TraceId.TryParse(trace, out var id);
        return logs.Find(new LogFilter(SearchQuery.Parse(q), service, level ?? 0, id)).Take(limit ?? DefaultLimit).Select(log => new ApiLog(
            TimeOf(log.Entry.Time), log.Level, log.Entry.Resource.Name, log.Entry.Scope.Name, log.Message,
            log.Entry.Trace.IsEmpty ? null : log.Entry.Trace.ToString(), Map(log.Attributes)));
    }

    private static async Task<IResult> DownloadAsync(ResourceClient resources, string id, CancellationToken cancellationToken)
    {
        if (resources.Find(id) is not { } resource)
            return Results.Problem("there is no such resource", statusCode: StatusCodes.Status404NotFound);
        var text = new StringBuilder();
        await foreach (var line in resources.ReadConsoleAsync(resource.Id, cancellationToken))
            text.Append(Ansi.Strip(line.Text)).Append('\n');
        return Results.File(Encoding.UTF8.GetBytes(text.ToString()), "text/plain; charset=utf-8", $"{resource.Id}.log");
    }

    // A key may come twice; the last one counts.
    private static Dictionary<string, string> Map(List<Otlp.Tag> tags)
    {
        var map = new Dictionary<string, string>();
        foreach (var tag in tags)
            map[tag.Key] = tag.Value;
        return map;
    }

    private static DateTimeOffset TimeOf(long nanoseconds) => DateTimeOffset.UnixEpoch.AddTicks(nanoseconds / 100);
}

internal sealed record ApiStatus(int Spans, int Logs, IReadOnlyList<string> Services);

internal sealed record ApiResource(string Id, string Name, string Type, string State, string? Health, IReadOnlyList<string> Urls);

internal sealed record ApiTrace(
    string TraceId, string Name, string Service, DateTimeOffset Start, double Milliseconds, int Spans, int Errors, IReadOnlyDictionary<string, int> Services);

internal sealed record ApiSpan(
    string SpanId, string? Parent, string Name, string Service, string Kind, bool IsError, DateTimeOffset Start, double Milliseconds, IReadOnlyDictionary<string, string> Attributes);

internal sealed record ApiLog(
    DateTimeOffset Time, string Level, string Service, string Category, string Message, string? TraceId, IReadOnlyDictionary<string, string> Attributes);
