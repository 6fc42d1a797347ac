using System.ComponentModel.DataAnnotations;
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
        var orders = endpoints.MapGroup("/api/v1/orders").WithTags("Orders");
        orders.MapPost("/", PlaceOrder);
        orders.MapGet("/", ListOrders);
        orders.MapGet("/{id:guid}", GetOrder);
        orders.MapGet("/{id:guid}/timeline", GetTimeline);
        orders.MapPost("/{id:guid}/cancellation", CancelOrder);
        endpoints.MapGet("/api/v1/users/{userId:guid}/orders", ListUserOrders).WithTags("Orders");
    }

    private static async Task<Results<Created<OrderResponse>, ValidationProblem, ProblemHttpResult>> PlaceOrder(
        [FromHeader(Name = "Idempotency-Key"), Required, StringLength(255, MinimumLength = 1)] string idempotencyKey,
        PlaceOrderRequest request,
        OrdersDbContext database,
        IdempotencyStore answers,
        Checkout checkout,
        IPublishEndpoint publisher,
        CancellationToken cancellationToken)
    {
        var userId = request.UserId!.Value; // The one place that says who orders.
        var fingerprint = IdempotencyStore.Fingerprint(request);
        if (await answers.FindAsync(userId, idempotencyKey, cancellationToken) is { } earlier)
            return Replay(earlier, fingerprint);

        var (order, errors) = await checkout.CreateOrderAsync(userId, request, cancellationToken);
        if (order is null)
            return TypedResults.ValidationProblem(errors);

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
        if (!await answers.TryAddAsync(answer, cancellationToken))
        {
            var twin = await answers.FindAsync(userId, idempotencyKey, cancellationToken);
            return Replay(twin!, fingerprint);
        }

        database.Add(OrderState.Begin(order));
        await publisher.Publish(
            new OrderSubmitted(order.Id, order.UserId, [.. order.Lines.Select(line => new StockLine(line.ProductId, line.Quantity))]),
            cancellationToken);
        await database.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return Created(response);
    }

    private static Results<Created<OrderResponse>, ValidationProblem, ProblemHttpResult> Replay(IdempotencyRecord earlier, byte[] fingerprint) =>
        earlier.Fingerprint.AsSpan().SequenceEqual(fingerprint)
            ? Created(JsonSerializer.Deserialize<OrderResponse>(earlier.Response, JsonSerializerOptions.Web)!)
            : Problems.Conflict("This Idempotency-Key was used before, with another body.");

    private static Created<OrderResponse> Created(OrderResponse order) => TypedResults.Created($"/api/v1/orders/{order.Id}", order);

    private static Task<Ok<Page<OrderResponse>>> ListOrders(
        [AsParameters] PageRequest page, OrdersDbContext database, CancellationToken cancellationToken) =>
        ListAsync(database.Orders, page, cancellationToken);

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

    private static async Task<Results<Ok<OrderResponse>, ProblemHttpResult>> GetOrder(
        Guid id, OrdersDbContext database, CancellationToken cancellationToken) =>
        await database.Orders.FindAsync([id], cancellationToken) is { } order
            ? TypedResults.Ok(OrderResponse.From(order))
            : Problems.NotFound($"There is no order {id}.");

    private static async Task<Results<Ok<TimelineResponse>, ProblemHttpResult>> GetTimeline(
        Guid id, OrdersDbContext database, CancellationToken cancellationToken)
    {
        var entries = await database.Timeline.AsNoTracking()
            .Where(entry => entry.OrderId == id)
            .OrderBy(entry => entry.Id)
            .ToListAsync(cancellationToken);
        return entries.Count > 0
            ? TypedResults.Ok(new TimelineResponse([.. entries.Select(TimelineEntryResponse.From)]))
            : Problems.NotFound($"There is no order {id}.");
    }

    private static async Task<Results<Accepted, ProblemHttpResult>> CancelOrder(
        Guid id, OrdersDbContext database, IPublishEndpoint publisher, CancellationToken cancellationToken)
    {
        if (await database.Orders.FindAsync([id], cancellationToken) is not { } order)
            return Problems.NotFound($"There is no order {id}.");
        if (order.Status is OrderStatus.Shipped or OrderStatus.Delivered)
            return Problems.Conflict("The order has been shipped: it is too late to cancel it.");

        await publisher.Publish(new CancelOrder(id), cancellationToken);
        await database.SaveChangesAsync(cancellationToken);
        return TypedResults.Accepted($"/api/v1/orders/{id}");
    }
}
