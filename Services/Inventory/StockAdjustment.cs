namespace Shop.Inventory;

/// <summary>A ledger row: why pieces came to be on hand or ceased to be, orders apart.</summary>
public sealed class StockAdjustment
{
    /// <summary>UUIDv7.</summary>
    public Guid Id { get; private init; } = Guid.CreateVersion7();

    /// <summary>The product.</summary>
    public required Guid ProductId { get; init; }

    /// <summary>Pieces added; negative where taken away.</summary>
    public required int Quantity { get; init; }

    /// <summary>When (UTC).</summary>
    public required DateTimeOffset At { get; init; }
}
