using System.ComponentModel.DataAnnotations;
using MassTransit;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Shop.Orders.Grpc;

namespace Shop.Shipping;

internal static class ShipmentEndpoints
{
    /// <summary>How long Orders may take to say whose order it is.</summary>
    private static readonly TimeSpan OwnerTimeout = TimeSpan.FromSeconds(3);

    public static void MapShipments(this IEndpointRouteBuilder endpoints)
    {
        var shipments = endpoints.MapGroup("/api/v1/shipments").WithTags("Shipping").RequireAdmin();
        shipments.MapGet("/", ListShipments);
        shipments.MapGet("/{id:guid}", GetShipment);
        shipments.MapPut("/{id:guid}", AdvanceShipment).ProducesProblem(StatusCodes.Status409Conflict);
        endpoints.MapGet("/api/v1/orders/{orderId:guid}/shipment", GetOrderShipment).WithTags("Shipping")
            .RequireOwnerOrAdmin("orderId", AskOwnerAsync);
    }

    private static async Task<string> AskOwnerAsync(IServiceProvider services, string orderId, CancellationToken cancellationToken)
    {
        var owner = await services.GetRequiredService<OrderService.OrderServiceClient>().GetOwnerAsync(
            new GetOwnerRequest { OrderId = orderId }, deadline: DateTime.UtcNow + OwnerTimeout, cancellationToken: cancellationToken);
        return owner.UserId;
    }

    /// <summary>Parcels that were arranged; a mark that none must be is no parcel.</summary>
    private static IQueryable<Shipment> Parcels(ShippingDbContext database) =>
        database.Shipments.AsNoTracking().Where(shipment => shipment.Status != ShipmentStatus.Refused && shipment.Address != null);

    private static async Task<Ok<Page<ShipmentResponse>>> ListShipments(
        [AsParameters] PageRequest page, ShippingDbContext database, CancellationToken cancellationToken)
    {
        var found = await Parcels(database)
            .Where(shipment => shipment.Id < page.Before)
            .OrderByDescending(shipment => shipment.Id)
            .Take(page.Take)
            .ToListAsync(cancellationToken);
        return TypedResults.Ok(page.ToPage([.. found.Select(ShipmentResponse.From)], shipment => shipment.Id));
    }

    private static async Task<Results<Ok<ShipmentResponse>, ProblemHttpResult>> GetShipment(
        Guid id, ShippingDbContext database, CancellationToken cancellationToken) =>
        await Parcels(database).SingleOrDefaultAsync(shipment => shipment.Id == id, cancellationToken) is { } shipment
            ? TypedResults.Ok(ShipmentResponse.From(shipment))
            : Problems.NotFound($"There is no shipment {id}.");

    private static async Task<Results<Ok<ShipmentResponse>, ProblemHttpResult>> GetOrderShipment(
        Guid orderId, ShippingDbContext database, CancellationToken cancellationToken) =>
        await Parcels(database).SingleOrDefaultAsync(shipment => shipment.OrderId == orderId, cancellationToken) is { } shipment
            ? TypedResults.Ok(ShipmentResponse.From(shipment))
            : Problems.NotFound($"There is no shipment for order {orderId}.");

    private static async Task<Results<Ok<ShipmentResponse>, ProblemHttpResult>> AdvanceShipment(
        Guid id,
        AdvanceShipmentRequest request,
        ShippingDbContext database,
        IPublishEndpoint publisher,
        TimeProvider clock,
        CancellationToken cancellationToken)
    {
        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
        var shipment = await database.Shipments
            .FromSql($"SELECT * FROM shipments WHERE id = {id} FOR UPDATE")
            .SingleOrDefaultAsync(cancellationToken);
        if (shipment is null or { Status: ShipmentStatus.Refused } or { Address: null })
            return Problems.NotFound($"There is no shipment {id}.");
        var next = Enum.Parse<ShipmentStatus>(request.Status);
        if (!shipment.TryAdvance(next, clock.GetDatabaseNow()))
            return Problems.Conflict($"The shipment is {shipment.Status}: it cannot become {next}.");

        if (next is ShipmentStatus.Dispatched)
            await publisher.Publish(new ShipmentDispatched(shipment.OrderId), cancellationToken);
        else
            await publisher.Publish(new ShipmentDelivered(shipment.OrderId), cancellationToken);
        await database.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.Ok(ShipmentResponse.From(shipment));
    }
}

/// <summary>The body of <c>PUT /api/v1/shipments/{id}</c>.</summary>
/// <param name="Status"><c>Dispatched</c> or <c>Delivered</c>.</param>
public sealed record AdvanceShipmentRequest(
    [property: Required, AllowedValues(nameof(ShipmentStatus.Dispatched), nameof(ShipmentStatus.Delivered))] string Status);

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
