using System.Text.Json.Nodes;
using Shop.Gateway.Edge;

namespace Shop.Gateway.Composition;

/// <summary>An order with its payment and shipment.</summary>
/// <param name="Order">The order; null where Orders is away.</param>
/// <param name="Payment">Its payment; null where there is none yet, or Payments is away.</param>
/// <param name="Shipment">Its shipment; null where there is none yet, or Shipping is away.</param>
/// <param name="Unavailable">The parts that could not be had just now: <c>order</c>, <c>payment</c>, <c>shipment</c>.</param>
internal sealed record OrderDetailsResponse(JsonNode? Order, JsonNode? Payment, JsonNode? Shipment, IReadOnlyList<string> Unavailable);

/// <summary><c>GET /api/v1/orders/{id}/details</c>: three services asked at once, one answer.</summary>
internal static class OrderDetails
{
    public static void MapOrderDetails(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet("/api/v1/orders/{id:guid}/details", GetDetails).WithTags("Orders").RequireUser()
            .Produces<OrderDetailsResponse>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

    private static async Task<IResult> GetDetails(Guid id, HttpContext context, Parts parts)
    {
        var order = parts.GetAsync(context, "orders", $"/api/v1/orders/{id}");
        var payment = parts.GetAsync(context, "payments", $"/api/v1/orders/{id}/payment");
        var shipment = parts.GetAsync(context, "shipping", $"/api/v1/orders/{id}/shipment");
        if (await order is { IsRefusal: true } refused)
            return refused.ToResult();

        (string Name, Part Part)[] all = [("order", await order), ("payment", await payment), ("shipment", await shipment)];
        string[] unavailable = [.. all.Where(part => !part.Part.IsThere && !part.Part.IsNothing).Select(part => part.Name)];
        return unavailable.Length == all.Length
            ? Refusal.NothingThere()
            : Results.Ok(new OrderDetailsResponse(Body(0), Body(1), Body(2), unavailable));

        JsonNode? Body(int i) => all[i].Part.IsThere ? all[i].Part.Body : null;
    }
}
