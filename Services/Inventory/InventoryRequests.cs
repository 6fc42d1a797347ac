using System.ComponentModel.DataAnnotations;

namespace Shop.Inventory;

/// <summary>The body of <c>PUT /api/v1/inventory/{productId}</c>.</summary>
/// <param name="OnHand">Pieces on the shelf, as counted.</param>
public sealed record SetStockRequest([property: Required, Range(0, 1_000_000)] int? OnHand);

/// <summary>A product's stock as clients see it, in pieces.</summary>
public sealed record StockResponse(Guid ProductId, int OnHand, int Held, int Available)
{
    internal static StockResponse From(StockItem item) => new(item.ProductId, item.OnHand, item.Held, item.Available);
}
