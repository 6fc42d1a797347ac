namespace Shop.Inventory;

/// <summary>How far an order's claim on stock has come.</summary>
public enum ReservationStatus
{
    /// <summary>At least one line was short; nothing is held.</summary>
    Refused,

    /// <summary>All lines are held.</summary>
    Held,

    /// <summary>All lines have left the shelf.</summary>
    Committed,

    /// <summary>The hold has lapsed; nothing is held.</summary>
    Expired,

    /// <summary>Undone, or undone before it was made: nothing is held, and nothing will be.</summary>
    Released,
}

/// <summary>The one reservation of an order. It is kept for ever, so that a repeated request finds its answer.</summary>
public sealed class Reservation
{
    /// <summary>The order; one reservation each.</summary>
    public required Guid OrderId { get; init; }

    /// <summary>How far it has come.</summary>
    public required ReservationStatus Status { get; set; }

    /// <summary>What the order asked for; each product once.</summary>
    public IReadOnlyList<StockLine> Lines { get; init; } = [];

    /// <summary>What was short when it was refused.</summary>
    public IReadOnlyList<StockShortage> Shortages { get; set; } = [];

    /// <summary>When the hold lapses by itself (UTC), unless it has been committed.</summary>
    public DateTimeOffset HoldUntil { get; set; }

    /// <summary>When it was made (UTC).</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}
