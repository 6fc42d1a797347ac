using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Shop.Notifications;

/// <summary>A notification as clients see it; <c>SentAt</c> is null until the mail has left.</summary>
public sealed record NotificationResponse(Guid Id, Guid OrderId, string Kind, string Channel, DateTimeOffset? SentAt)
{
    internal static NotificationResponse From(Notification notification) => new(
        notification.Id, notification.OrderId, notification.Kind.ToString(), notification.Channel.ToString(), notification.SentAt);
}

internal static class NotificationEndpoints
{
    public static void MapNotifications(this IEndpointRouteBuilder endpoints)
    {
        var notifications = endpoints.MapGroup("/api/v1/users/{userId:guid}/notifications").WithTags("Notifications").RequireSelfOrAdmin("userId");
        notifications.MapGet("/", ListNotifications);
    }

    private static async Task<Ok<Page<NotificationResponse>>> ListNotifications(
        Guid userId, [AsParameters] PageRequest page, NotificationsDbContext database, CancellationToken cancellationToken)
    {
        var found = await database.Notifications.AsNoTracking()
            .Where(notification => notification.UserId == userId && notification.Id < page.Before)
            .OrderByDescending(notification => notification.Id)
            .Take(page.Take)
            .ToListAsync(cancellationToken);
        return TypedResults.Ok(page.ToPage([.. found.Select(NotificationResponse.From)], notification => notification.Id));
    }
}
