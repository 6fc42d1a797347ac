using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Shop.Messaging.Operations;

namespace Shop.Messaging;

/// <summary>What a service's outbox and inbox hold.</summary>
/// <param name="Outbox">What waits.</param>
/// <param name="Inbox">About how many messages are remembered as seen.</param>
public sealed record MessagingStatus(OutboxStatus Outbox, long Inbox);

/// <summary>Shows operators a service's outbox and inbox.</summary>
public static class MessagingStatusEndpoint
{
    /// <summary>The path inside a service.</summary>
    public const string Path = "/operations/messaging";

    /// <summary>Maps <see cref="Path"/>. Who may see it is the caller's to say.</summary>
    public static RouteHandlerBuilder MapMessagingStatus(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet(Path, GetStatus).ExcludeFromDescription();

    private static async Task<Ok<MessagingStatus>> GetStatus(OutboxOperations operations, CancellationToken cancellationToken) =>
        TypedResults.Ok(new MessagingStatus(
            await operations.GetOutboxAsync(cancellationToken), await operations.EstimateInboxAsync(cancellationToken)));
}
