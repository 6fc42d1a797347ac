using System.Globalization;
using System.Security.Claims;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Shop.Orders.Events;

/// <summary>An order has come to a status.</summary>
/// <param name="Status">The status.</param>
/// <param name="At">When (UTC).</param>
public sealed record StatusEvent(string Status, DateTimeOffset At);

/// <summary><c>GET /api/v1/orders/{id}/events</c>: each status of an order, those so far and those to come, as Server-Sent Events.</summary>
internal static class OrderEventEndpoints
{
    private const string ContentType = "text/event-stream";

    public static void MapOrderEvents(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet("/api/v1/orders/{id:guid}/events", GetEvents).WithTags("Orders").RequireUser()
            .Produces<StatusEvent>(StatusCodes.Status200OK, ContentType)
            .Produces(StatusCodes.Status204NoContent);

    private static async Task<Results<EventStream, NoContent, ValidationProblem, ProblemHttpResult>> GetEvents(
        Guid id,
        [FromHeader(Name = "Last-Event-ID")] string? lastEventId,
        ClaimsPrincipal user,
        OrdersDbContext database,
        CancellationToken cancellationToken)
    {
        if (await OrderEndpoints.FindAsync(id, user, database, cancellationToken) is null)
            return Problems.NotFound($"There is no order {id}.");
        var seen = 0L;
        if (!string.IsNullOrEmpty(lastEventId) && !long.TryParse(lastEventId, NumberStyles.None, CultureInfo.InvariantCulture, out seen))
            return Problems.Invalid("Last-Event-ID", "It is not the id of an event.");

        var past = await database.Timeline.AsNoTracking().Where(entry => entry.OrderId == id).OrderBy(entry => entry.Id).ToListAsync(cancellationToken);
        // To an EventSource, which comes back after every end, no content means that this is the last one.
        return EventStream.Ends(past[^1].Status) && past[^1].Id <= seen ? TypedResults.NoContent() : new EventStream(id, past, seen);
    }

    /// <summary>Lasts until the order has come to its end, the client goes away, or this process stops: then the client goes on at another.</summary>
    private sealed class EventStream(Guid orderId, IReadOnlyList<TimelineEntry> past, long seen) : IResult
    {
        private OrderStatus? _status;

        public static bool Ends(OrderStatus status) => status is OrderStatus.Delivered or OrderStatus.Cancelled;

        public async Task ExecuteAsync(HttpContext httpContext)
        {
            var services = httpContext.RequestServices;
            var stopping = services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
            using var end = CancellationTokenSource.CreateLinkedTokenSource(httpContext.RequestAborted, stopping);
            var response = httpContext.Response;
            response.ContentType = ContentType;
            response.Headers.CacheControl = "no-cache";
            httpContext.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
            try
            {
                using var watcher = services.GetRequiredService<TimelineWatch>().Watch(orderId, past[^1].Id);
                foreach (var entry in past)
                    await WriteAsync(response, entry, end.Token);
                await response.Body.FlushAsync(end.Token);
                await FollowAsync(response, watcher.News, services.GetRequiredService<IOptions<OrderEventOptions>>().Value.Heartbeat, end.Token);
            }
            catch (OperationCanceledException) when (end.IsCancellationRequested)
            {
                // Nobody listens any more, or this process stops.
            }
        }

        private async Task FollowAsync(HttpResponse response, ChannelReader<TimelineEntry> news, TimeSpan heartbeat, CancellationToken cancellationToken)
        {
            while (!Ends(_status!.Value))
            {
                if (await HasNewsAsync(news, heartbeat, cancellationToken))
                {
                    while (news.TryRead(out var entry))
                        await WriteAsync(response, entry, cancellationToken);
                }
                else
                {
                    await response.WriteAsync(":\n\n", cancellationToken);
                }

                await response.Body.FlushAsync(cancellationToken);
            }
        }

        private static async Task<bool> HasNewsAsync(ChannelReader<TimelineEntry> news, TimeSpan patience, CancellationToken cancellationToken)
        {
            using var wait = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            wait.CancelAfter(patience);
            try
            {
                return await news.WaitToReadAsync(wait.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return false;
            }
        }

        /// <summary>Not every entry of a timeline is a new status, and some were seen before the connection broke.</summary>
        private async Task WriteAsync(HttpResponse response, TimelineEntry entry, CancellationToken cancellationToken)
        {
            if (entry.Status == _status)
                return;
            _status = entry.Status;
            if (entry.Id <= seen)
                return;
            var data = JsonSerializer.Serialize(new StatusEvent(entry.Status.ToString(), entry.At), JsonSerializerOptions.Web);
            await response.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"id: {entry.Id}\nevent: status\ndata: {data}\n\n"), cancellationToken);
        }
    }
}
