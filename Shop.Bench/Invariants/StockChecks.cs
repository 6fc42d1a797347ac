namespace Shop.Bench.Invariants;

/// <summary>Invariant 2: stock is where the ledger and the orders say that it is.</summary>
internal static class StockChecks
{
    public static IEnumerable<Breach> Check(ShopSnapshot shop) => Products(shop).Concat(Orders(shop));

    private static IEnumerable<Breach> Products(ShopSnapshot shop)
    {
        var (held, committed) = (PiecesOf(shop, "Held"), PiecesOf(shop, "Committed"));
        foreach (var item in shop.Stock)
        {
            var subject = $"product {item.ProductId}";
            if (item.Held < 0 || item.Held > item.OnHand)
                yield return new(2, BreachKind.Wrong, subject, $"{item.Held} held of {item.OnHand} on hand");
            if (item.Held != held[item.ProductId].Sum())
                yield return new(2, BreachKind.Wrong, subject, $"{item.Held} held, but reservations hold {held[item.ProductId].Sum()}");
            if (item.Held != 0)
                yield return new(2, BreachKind.Stuck, subject, $"{item.Held} still held");
            var all = item.OnHand + committed[item.ProductId].Sum();
            if (all != shop.Adjustments.GetValueOrDefault(item.ProductId))
            {
                yield return new(2, BreachKind.Wrong, subject,
                    $"{item.OnHand} on hand and {all - item.OnHand} taken by orders, but the ledger has {shop.Adjustments.GetValueOrDefault(item.ProductId)}");
            }
        }
    }

    private static IEnumerable<Breach> Orders(ShopSnapshot shop)
    {
        var reservations = shop.Reservations.ToDictionary(reservation => reservation.OrderId);
        foreach (var order in shop.Orders.Where(order => order.IsLive || order.IsCancelled))
        {
            var reservation = reservations.GetValueOrDefault(order.Id);
            var taken = reservation is { Status: "Committed" } ? reservation.Lines : new Dictionary<Guid, int>();
            foreach (var (product, quantity) in order.Lines)
            {
                var expected = order.IsLive ? quantity : 0;
                if (taken.GetValueOrDefault(product) != expected)
                {
                    yield return new(2, BreachKind.Wrong, $"order {order.Id}",
                        $"is {order.Status}, and has taken {taken.GetValueOrDefault(product)} in place of {expected} of product {product}"
                        + $" (its reservation is {reservation?.Status ?? "missing"})");
                }
            }
        }
    }

    private static ILookup<Guid, int> PiecesOf(ShopSnapshot shop, string status) => shop.Reservations
        .Where(reservation => reservation.Status == status)
        .SelectMany(reservation => reservation.Lines)
        .ToLookup(line => line.Key, line => line.Value);
}
