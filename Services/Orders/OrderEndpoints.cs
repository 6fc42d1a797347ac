using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using System.Text.Json;
using MassTransit;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Shop.Orders.Saga;

namespace Shop.Orders;

internal static class OrderEndpoints
{
    public static void MapOrders(this IEndpointRouteBuilder endpoints)
    {
        var orders = endpoints.MapGroup("/api/v1/orders").WithTags("Orders").RequireUser();
        orders.MapPost("/", PlaceOrder).RequireCustomer().ProducesProblem(StatusCodes.Status409Conflict);
        orders.MapGet("/", ListOrders);
        orders.MapGet("/{id:guid}", GetOrder);
        orders.MapGet("/{id:guid}/timeline", GetTimeline);
        orders.MapPost("/{id:guid}/cancellation", CancelOrder).ProducesProblem(StatusCodes.Status409Conflict);
        endpoints.MapGroup("/api/v1/users/{userId:guid}/orders").WithTags("Orders").RequireSelfOrAdmin("userId").MapGet("/", ListUserOrders);
    }

    internal static async Task<Results<Created<OrderResponse>, ValidationProblem, ProblemHttpResult>> PlaceOrder(
        [FromHeader(Name = "Idempotency-Key"), Required, StringLength(255, MinimumLength = 1)] string idempotencyKey,
        PlaceOrderRequest request,
        ClaimsPrincipal user,
        OrdersDbContext database,
        IdempotencyStore answers,
        Checkout checkout,
        IPublishEndpoint publisher,
        CancellationToken cancellationToken)
    {
        var userId = user.GetUserId();
        var fingerprint = IdempotencyStore.Fingerprint(request);
        if (await answers.FindAsync(userId, idempotencyKey, cancellationToken) is { } earlier)
            return Replay(earlier, fingerprint);

        var (order, errors) = await checkout.CreateOrderAsync(userId, request, cancellationToken);
        if (order is null)
            return errors.Count > 0 ? TypedResults.ValidationProblem(errors) : NotActive();

        var response = OrderResponse.From(order);
        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
        var answer = new IdempotencyRecord
        {
            UserId = userId,
            Key = idempotencyKey,
            Fingerprint = fingerprint,
            Response = JsonSerializer.Serialize(response, JsonSerializerOptions.Web),
            CreatedAt = order.CreatedAt,
        };
        if (await answers.AddAsync(answer, cancellationToken) is { } twin)
            return Replay(twin, fingerprint);

        database.Add(OrderState.Begin(order));
        await publisher.Publish(order.ToSubmitted(), cancellationToken);
        await database.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return Created(response);
    }

    private static Results<Created<OrderResponse>, ValidationProblem, ProblemHttpResult> Replay(IdempotencyRecord earlier, byte[] fingerprint) =>
        earlier.Fingerprint.AsSpan().SequenceEqual(fingerprint)
            ? Created(JsonSerializer.Deserialize<OrderResponse>(earlier.Response, JsonSerializerOptions.Web)!)
            : Problems.Conflict("This Idempotency-Key was used before, with another body.");

    private static Created<OrderResponse> Created(OrderResponse order) => TypedResults.Created($"/api/v1/orders/{order.Id}", order);

    /// <summary>The token is still good, but its user has been deleted, or buys no more.</summary>
    private static ProblemHttpResult NotActive() =>
        TypedResults.Problem("This account may not place orders.", statusCode: StatusCodes.Status403Forbidden);

    internal static Task<Ok<Page<OrderResponse>>> ListOrders(
        [AsParameters] PageRequest page, ClaimsPrincipal user, OrdersDbContext database, CancellationToken cancellationToken)
    {
        if (user.IsAdmin())
            return ListAsync(database.Orders, page, cancellationToken);
        var userId = user.GetUserId();
        return ListAsync(database.Orders.Where(order => order.UserId == userId), page, cancellationToken);
    }

    private static Task<Ok<Page<OrderResponse>>> ListUserOrders(
        Guid userId, [AsParameters] PageRequest page, OrdersDbContext database, CancellationToken cancellationToken) =>
        ListAsync(database.Orders.Where(order => order.UserId == userId), page, cancellationToken);

    private static async Task<Ok<Page<OrderResponse>>> ListAsync(
        IQueryable<Order> orders, PageRequest page, CancellationToken cancellationToken)
    {
        var found = await orders.AsNoTracking()
            .Where(order => order.Id < page.Before)
            .OrderByDescending(order => order.Id)
            .Take(page.Take)
            .ToListAsync(cancellationToken);
        return TypedResults.Ok(page.ToPage([.. found.Select(OrderResponse.From)], order => order.Id));
    }

    /// <summary>The order, if there is one that this user may see: to everybody else there is none.</summary>
    internal static async Task<Order?> FindAsync(Guid id, ClaimsPrincipal user, OrdersDbContext database, CancellationToken cancellationToken) =>
        await database.Orders.FindAsync([id], cancellationToken) is { } order && user.MayAccess(order.UserId) ? order : null;

    internal static async Task<Results<Ok<OrderResponse>, ProblemHttpResult>> GetOrder(
        Guid id, ClaimsPrincipal user, OrdersDbContext database, CancellationToken cancellationToken) =>
        await FindAsync(id, user, database, cancellationToken) is { } order
            ? TypedResults.Ok(OrderResponse.From(order))
            : Problems.NotFound($"There is no order {id}.");

    private static async Task<Results<Ok<TimelineResponse>, ProblemHttpResult>> GetTimeline(
        Guid id, ClaimsPrincipal user, OrdersDbContext database, CancellationToken cancellationToken)
    {
        if (await FindAsync(id, user, database, cancellationToken) is null)
            return Problems.NotFound($"There is no order {id}.");
        var entries = await database.Timeline.AsNoTracking()
            .Where(entry => entry.OrderId == id)
            .OrderBy(entry => entry.Id)
            .ToListAsync(cancellationToken);
        return TypedResults.Ok(new TimelineResponse([.. entries.Select(TimelineEntryResponse.From)]));
    }

    private static async Task<Results<Accepted, ProblemHttpResult>> CancelOrder(
        Guid id, ClaimsPrincipal user, OrdersDbContext database, IPublishEndpoint publisher, CancellationToken cancellationToken)
    {
        if (await FindAsync(id, user, database, cancellationToken) is not { } order)
            return Problems.NotFound($"There is no order {id}.");
        if (order.Status is OrderStatus.Shipped or OrderStatus.Delivered)
            return Problems.Conflict("The order has been shipped: it is too late to cancel it.");

        await publisher.Publish(new CancelOrder(id), cancellationToken);
        await database.SaveChangesAsync(cancellationToken);
        return TypedResults.Accepted($"/api/v1/orders/{id}");
    }
}
