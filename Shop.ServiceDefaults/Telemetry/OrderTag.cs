using System.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace Shop.ServiceDefaults.Telemetry;

/// <summary>Marks the span of a request with the order it is about, so that all of an order's story is found by <c>order.id</c>.</summary>
internal static class OrderTag
{
    private const string Segment = "/orders/";

    /// <summary>From the path: at the beginning, so that what is logged on the way has it too.</summary>
    public static void AddTo(Activity activity, HttpRequest request) => AddTo(activity, Find(request.Path));

    /// <summary>Of an order that was just placed, from where it is.</summary>
    public static void AddTo(Activity activity, HttpResponse response) => AddTo(activity, Find(response.Headers.Location));

    private static void AddTo(Activity activity, string? orderId)
    {
        if (orderId is not null)
            activity.SetTag("order.id", orderId);
    }

    internal static string? Find(string? path)
    {
        var start = path?.IndexOf(Segment, StringComparison.Ordinal) ?? -1;
        if (start < 0)
            return null;

        var rest = path.AsSpan(start + Segment.Length);
        var end = rest.IndexOf('/');
        return Guid.TryParse(end < 0 ? rest : rest[..end], out var id) ? id.ToString() : null;
    }
}
