using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using MassTransit;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Shop.Orders;

/// <summary>Version 2 of orders: what version 1 answers, told in another way. Requests are the same, and so an idempotency key means the same order in both.</summary>
internal static class OrderEndpointsV2
{
    public static void MapOrdersV2(this IEndpointRouteBuilder endpoints)
    {
        var orders = endpoints.MapGroup("/api/v2/orders").WithTags("Orders").RequireUser();
        orders.MapPost("/", PlaceOrder).RequireCustomer().ProducesProblem(StatusCodes.Status409Conflict);
        orders.MapGet("/", ListOrders);
        orders.MapGet("/{id:guid}", GetOrder);
    }

    private static async Task<Results<Created<OrderResponseV2>, ValidationProblem, ProblemHttpResult>> PlaceOrder(
        [FromHeader(Name = "Idempotency-Key"), Required, StringLength(255, MinimumLength = 1)] string idempotencyKey,
        PlaceOrderRequest request,
        ClaimsPrincipal user,
        OrdersDbContext database,
        IdempotencyStore answers,
        Checkout checkout,
        IPublishEndpoint publisher,
        CancellationToken cancellationToken)
    {
        var answer = await OrderEndpoints.PlaceOrder(idempotencyKey, request, user, database, answers, checkout, publisher, cancellationToken);
        return answer.Result switch
        {
            Created<OrderResponse> { Value: { } order } => TypedResults.Created($"/api/v2/orders/{order.Id}", OrderResponseV2.From(order)),
            ValidationProblem invalid => invalid,
            var refusal => (ProblemHttpResult)refusal,
        };
    }

    private static async Task<Ok<Page<OrderResponseV2>>> ListOrders(
        [AsParameters] PageRequest page, ClaimsPrincipal user, OrdersDbContext database, CancellationToken cancellationToken)
    {
        var (orders, nextCursor) = (await OrderEndpoints.ListOrders(page, user, database, cancellationToken)).Value!;
        return TypedResults.Ok(new Page<OrderResponseV2>([.. orders.Select(OrderResponseV2.From)], nextCursor));
    }

    private static async Task<Results<Ok<OrderResponseV2>, ProblemHttpResult>> GetOrder(
        Guid id, ClaimsPrincipal user, OrdersDbContext database, CancellationToken cancellationToken) =>
        (await OrderEndpoints.GetOrder(id, user, database, cancellationToken)).Result is Ok<OrderResponse> { Value: { } order }
            ? TypedResults.Ok(OrderResponseV2.From(order))
            : Problems.NotFound($"There is no order {id}.");
}
