namespace Shop.Contracts;

/// <summary>A quantity of one product, in pieces.</summary>
public sealed record StockLine(Guid ProductId, int Quantity);

/// <summary>A line that could not be reserved: pieces asked for, and pieces that were available then.</summary>
public sealed record StockShortage(Guid ProductId, int Requested, int Available);

/// <summary>To Inventory: hold all lines for this order, or none.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="Lines">What to hold.</param>
/// <param name="HoldUntil">When the hold lapses by itself (UTC), unless it has been committed.</param>
public sealed record ReserveStock(Guid OrderId, IReadOnlyList<StockLine> Lines, DateTimeOffset HoldUntil);

/// <summary>All lines are held.</summary>
public sealed record StockReserved(Guid OrderId);

/// <summary>Nothing is held: these lines were short.</summary>
public sealed record StockReservationFailed(Guid OrderId, IReadOnlyList<StockShortage> Shortages);

/// <summary>To Inventory: take the held pieces off the shelf.</summary>
public sealed record CommitStock(Guid OrderId);

/// <summary>The pieces have left the shelf.</summary>
public sealed record StockCommitted(Guid OrderId);

/// <summary>The hold was gone and could not be had again; nothing has left the shelf.</summary>
public sealed record StockCommitFailed(Guid OrderId, IReadOnlyList<StockShortage> Shortages);

/// <summary>To Inventory: undo whatever this order reserved or committed. Always answered by <see cref="StockReleased"/>.</summary>
public sealed record ReleaseStock(Guid OrderId);

/// <summary>This order holds no stock, and a late <see cref="ReserveStock"/> will be refused.</summary>
public sealed record StockReleased(Guid OrderId);

/// <summary>A product has sold out, or is to be had again.</summary>
/// <param name="ProductId">The product.</param>
/// <param name="Available">Whether at least one piece can be reserved.</param>
/// <param name="Version">Grows with each change of the product's stock; an older fact that arrives later is ignored.</param>
public sealed record ProductAvailabilityChanged(Guid ProductId, bool Available, long Version);
