namespace Shop.Bench.Invariants;

/// <summary>Invariant 1: every accepted order, at most one a customer and key, has come to one end; saga and order agree.</summary>
internal static class OrderChecks
{
    public static IEnumerable<Breach> Check(ShopSnapshot shop, IReadOnlyCollection<AcceptedOrder> accepted)
    {
        var orders = shop.Orders.ToDictionary(order => order.Id);
        var answers = shop.Answers.ToDictionary(answer => (answer.UserId, answer.Key), answer => answer.OrderId);

        foreach (var order in accepted)
        {
            if (!orders.ContainsKey(order.Id))
                yield return new(1, BreachKind.Lost, $"order {order.Id}", "was accepted, and is not in the database");
            if (answers.TryGetValue((order.UserId, order.Key), out var other) && other != order.Id)
                yield return new(1, BreachKind.Doubled, $"order {order.Id}", $"was accepted, and so was {other} with the same key");
        }

        foreach (var twins in accepted.GroupBy(order => (order.UserId, order.Key)).Where(key => key.DistinctBy(order => order.Id).Skip(1).Any()))
            yield return new(1, BreachKind.Doubled, $"order {twins.First().Id}", $"one key was answered with {string.Join(", ", twins.Select(o => o.Id))}");

        var answered = shop.Answers.Select(answer => answer.OrderId).ToHashSet();
        foreach (var order in shop.Orders)
        {
            if (!answered.Contains(order.Id))
                yield return new(1, BreachKind.Doubled, $"order {order.Id}", "belongs to no idempotency key");
            if (!order.IsLive && !order.IsCancelled)
                yield return new(1, BreachKind.Stuck, $"order {order.Id}", $"is {order.Status}, its saga {order.SagaState ?? "missing"}");
            else if (order.SagaState != order.Status)
                yield return new(1, BreachKind.Wrong, $"order {order.Id}", $"is {order.Status}, but its saga {order.SagaState ?? "missing"}");
        }
    }
}
