namespace Shop.Bench.Invariants;

/// <summary>Invariants 4 and 5: one parcel for a live order and none for another; the customer was told everything once.</summary>
internal static class AfterwardsChecks
{
    /// <summary>What the customer is told, by the step of the timeline that it follows.</summary>
    private static readonly Dictionary<string, string> KindByStep = new()
    {
        ["OrderConfirmed"] = "OrderConfirmed",
        ["ShipmentDispatched"] = "OrderShipped",
        ["ShipmentDelivered"] = "OrderDelivered",
        ["OrderCancelled"] = "OrderCancelled",
    };

    public static IEnumerable<Breach> Check(ShopSnapshot shop) => Parcels(shop).Concat(Notifications(shop));

    private static IEnumerable<Breach> Parcels(ShopSnapshot shop)
    {
        var shipments = shop.Shipments.ToLookup(shipment => shipment.OrderId);
        foreach (var order in shop.Orders.Where(order => order.IsLive || order.IsCancelled))
        {
            if (shipments[order.Id].Count() > 1)
                yield return new(4, BreachKind.Doubled, $"order {order.Id}", "has more than one shipment");
            string[] parcels = [.. shipments[order.Id].Select(shipment => shipment.Status).Where(status => status is not ("Cancelled" or "Refused"))];
            var expected = order.Status is "Confirmed" ? "Created" : order.Status is "Shipped" ? "Dispatched" : order.Status;
            if (order.IsLive && !parcels.SequenceEqual([expected]))
                yield return new(4, BreachKind.Wrong, $"order {order.Id}", $"is {order.Status}, and its parcel: {Words(parcels)}");
            if (order.IsCancelled && parcels.Length > 0)
                yield return new(4, BreachKind.Wrong, $"order {order.Id}", $"is cancelled, and its parcel: {Words(parcels)}");
        }
    }

    private static IEnumerable<Breach> Notifications(ShopSnapshot shop)
    {
        var notifications = shop.Notifications.ToLookup(notification => notification.OrderId);
        foreach (var order in shop.Orders.Where(order => order.IsLive || order.IsCancelled))
        {
            var expected = order.Steps.Where(KindByStep.ContainsKey).Select(step => KindByStep[step]).ToHashSet();
            expected.UnionWith(order.Status switch
            {
                "Cancelled" => ["OrderCancelled"],
                "Confirmed" => ["OrderConfirmed"],
                "Shipped" => ["OrderConfirmed", "OrderShipped"],
                _ => ["OrderConfirmed", "OrderShipped", "OrderDelivered"],
            });
            foreach (var channel in notifications[order.Id].GroupBy(notification => notification.Channel).DefaultIfEmpty())
            {
                string[] told = [.. channel?.Select(notification => notification.Kind).Order() ?? Enumerable.Empty<string>()];
                if (told.Distinct().Count() != told.Length)
                    yield return new(5, BreachKind.Doubled, $"order {order.Id}", $"the customer was told: {Words(told)}");
                else if (!expected.SetEquals(told))
                    yield return new(5, expected.IsSubsetOf(told) ? BreachKind.Wrong : BreachKind.Lost, $"order {order.Id}", $"is {order.Status}; the customer was told: {Words(told)}");
            }
        }
    }

    private static string Words(string[] words) => words.Length == 0 ? "none" : string.Join(", ", words);
}
