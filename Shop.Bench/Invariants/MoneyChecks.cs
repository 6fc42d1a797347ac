namespace Shop.Bench.Invariants;

/// <summary>Invariant 3: the provider's own ledger has what the order costs, once, or nothing; Payments agrees.</summary>
internal static class MoneyChecks
{
    public static IEnumerable<Breach> Check(ShopSnapshot shop)
    {
        var ledger = shop.Ledger.ToLookup(charge => charge.OrderId);
        var payments = shop.Payments.ToDictionary(payment => payment.OrderId);
        foreach (var order in shop.Orders.Where(order => order.IsLive || order.IsCancelled))
        {
            var subject = $"order {order.Id}";
            if (ledger[order.Id].Count(charge => charge.Captured > 0) > 1)
                yield return new(3, BreachKind.Doubled, subject, "was charged more than once");
            var kept = ledger[order.Id].Sum(charge => charge.Captured - charge.Refunded);
            var expected = order.IsLive ? order.Total : 0;
            if (kept != expected)
                yield return new(3, BreachKind.Wrong, subject, $"is {order.Status}: the provider keeps {kept} in place of {expected}");
            var believed = payments.GetValueOrDefault(order.Id)?.Kept ?? 0;
            if (believed != kept)
                yield return new(3, BreachKind.Wrong, subject, $"Payments has {believed}, the provider {kept}");
        }

        var orders = shop.Orders.Select(order => order.Id).ToHashSet();
        foreach (var charge in shop.Ledger.Where(charge => charge.Captured > charge.Refunded && !orders.Contains(charge.OrderId)))
            yield return new(3, BreachKind.Lost, $"order {charge.OrderId}", $"{charge.Captured - charge.Refunded} was taken for an order that is not there");
    }
}
