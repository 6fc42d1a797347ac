namespace Shop.Orders;

/// <summary>An order as clients of version 1 see it.</summary>
public sealed record OrderResponse(
    Guid Id,
    Guid UserId,
    string Status,
    decimal Total,
    string Currency,
    IReadOnlyList<OrderItemResponse> Items,
    AddressBody ShippingAddress,
    CancellationResponse? Cancellation,
    DateTimeOffset CreatedAt)
{
    internal static OrderResponse From(Order order) => new(
        order.Id,
        order.UserId,
        order.Status.ToString(),
        order.Total,
        order.Currency,
        [.. order.Lines.Select(line => new OrderItemResponse(line.ProductId, line.Name, line.Quantity, line.UnitPrice))],
        AddressBody.From(order.ShippingAddress),
        order.CancellationReason is { } reason
            ? new CancellationResponse(
                reason, [.. order.Shortages.Select(line => new ShortageResponse(line.ProductId, line.Requested, line.Available))])
            : null,
        order.CreatedAt);
}

/// <summary>A line of an order.</summary>
public sealed record OrderItemResponse(Guid ProductId, string Name, int Quantity, decimal UnitPrice);

/// <summary>Why an order was cancelled.</summary>
public sealed record CancellationResponse(string Reason, IReadOnlyList<ShortageResponse> Lines);

/// <summary>A product of which there was too little, in pieces.</summary>
public sealed record ShortageResponse(Guid ProductId, int Requested, int Available);

/// <summary>What has happened to an order, oldest first.</summary>
public sealed record TimelineResponse(IReadOnlyList<TimelineEntryResponse> Items);

/// <summary>Something that happened to an order.</summary>
public sealed record TimelineEntryResponse(DateTimeOffset At, string Status, string Step, string? Detail)
{
    internal static TimelineEntryResponse From(TimelineEntry entry) => new(entry.At, entry.Status.ToString(), entry.Step, entry.Detail);
}
