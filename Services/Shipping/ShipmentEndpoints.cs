using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Shop.Shipping;

/// <summary>A shipment as clients see it.</summary>
public sealed record ShipmentResponse(
    Guid Id, Guid OrderId, string Status, string Carrier, string TrackingNumber, IReadOnlyList<ShipmentEventResponse> History)
{
    internal static ShipmentResponse From(Shipment shipment) => new(
        shipment.Id,
        shipment.OrderId,
        shipment.Status.ToString(),
        shipment.Carrier,
        shipment.TrackingNumber,
        [.. shipment.History.Select(entry => new ShipmentEventResponse(entry.At, entry.Status.ToString()))]);
}

/// <summary>A status and when it was reached (UTC).</summary>
public sealed record ShipmentEventResponse(DateTimeOffset At, string Status);

internal static class ShipmentEndpoints
{
    public static void MapShipments(this IEndpointRouteBuilder endpoints)
    {
        var shipments = endpoints.MapGroup("/api/v1/orders/{orderId:guid}/shipment").WithTags("Shipping");
        shipments.MapGet("/", GetShipment);
    }

    private static async Task<Results<Ok<ShipmentResponse>, ProblemHttpResult>> GetShipment(
        Guid orderId, ShippingDbContext database, CancellationToken cancellationToken) =>
        await database.Shipments.SingleOrDefaultAsync(
            shipment => shipment.OrderId == orderId && shipment.Status != ShipmentStatus.Refused, cancellationToken) is { } shipment
            ? TypedResults.Ok(ShipmentResponse.From(shipment))
            : Problems.NotFound($"There is no shipment for order {orderId}.");
}
