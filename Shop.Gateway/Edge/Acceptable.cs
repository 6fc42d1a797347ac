using Microsoft.Net.Http.Headers;

namespace Shop.Gateway.Edge;

/// <summary>406 where the client takes neither of what the API answers with: JSON, and events.</summary>
internal static class Acceptable
{
    public static Task RefuseOthersAsync(HttpContext context, RequestDelegate next) =>
        !context.Request.Path.StartsWithSegments("/api") || IsAcceptable(context.Request)
            ? next(context)
            : Refusal.WriteAsync(context, StatusCodes.Status406NotAcceptable, "The answer is JSON, which Accept excludes.");

    /// <summary>A header that cannot be read excludes nothing.</summary>
    private static bool IsAcceptable(HttpRequest request) =>
        !MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var types)
        || types.Count == 0
        || types.Any(type => type.Quality is not 0 && (type.MatchesMediaType("application/json") || type.MatchesMediaType("text/event-stream")));
}
