namespace Shop.Orders;

/// <summary>An order as clients of version 2 see it. Made of version 1's, which has all of it: what was stored for a repeated request serves both.</summary>
public sealed record OrderResponseV2(
    Guid Id,
    Guid UserId,
    string Status,
    AmountResponse Total,
    IReadOnlyList<OrderItemResponseV2> Items,
    AddressBody ShippingAddress,
    CancellationResponse? Cancellation,
    DateTimeOffset CreatedAt,
    OrderLinks Links)
{
    internal static OrderResponseV2 From(OrderResponse order) => new(
        order.Id,
        order.UserId,
        order.Status,
        new AmountResponse(order.Total, order.Currency),
        [.. order.Items.Select(item => OrderItemResponseV2.From(item, order.Currency))],
        order.ShippingAddress,
        order.Cancellation,
        order.CreatedAt,
        OrderLinks.Of(order.Id));
}

/// <summary>A line of an order.</summary>
public sealed record OrderItemResponseV2(OrderedProductResponse Product, int Quantity, AmountResponse UnitPrice, AmountResponse Total)
{
    internal static OrderItemResponseV2 From(OrderItemResponse item, string currency) => new(
        new OrderedProductResponse(item.ProductId, item.Name),
        item.Quantity,
        new AmountResponse(item.UnitPrice, currency),
        new AmountResponse(item.Quantity * item.UnitPrice, currency));
}

/// <summary>A product, as it was called when it was ordered.</summary>
public sealed record OrderedProductResponse(Guid Id, string Name);

/// <summary>An amount of money.</summary>
/// <param name="Amount">In units of <paramref name="Currency"/>.</param>
/// <param name="Currency">ISO 4217 code.</param>
public sealed record AmountResponse(decimal Amount, string Currency);

/// <summary>Where more of an order is to be had.</summary>
public sealed record OrderLinks(string Self, string Timeline, string Events, string Payment, string Shipment, string Details, string Cancellation)
{
    internal static OrderLinks Of(Guid id) => new(
        $"/api/v2/orders/{id}",
        $"/api/v1/orders/{id}/timeline",
        $"/api/v1/orders/{id}/events",
        $"/api/v1/orders/{id}/payment",
        $"/api/v1/orders/{id}/shipment",
        $"/api/v1/orders/{id}/details",
        $"/api/v1/orders/{id}/cancellation");
}
