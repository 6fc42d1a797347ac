namespace Shop.Bench.Invariants;

/// <summary>Invariant 6: nothing is on its way, and nothing lies where people must look after it.</summary>
internal static class RestChecks
{
    public static IEnumerable<Breach> Check(ShopSnapshot shop, IReadOnlyList<BrokerQueue> queues)
    {
        // At rest no saga waits: a scheduled message is of one that has ended, and any other is due.
        foreach (var kind in shop.Outbox.GroupBy(message => (message.Database, message.MessageType)))
        {
            var worst = kind.MaxBy(message => message.Attempts)!;
            yield return new(6, BreachKind.Stuck, kind.Key.Database,
                $"{kind.Count()} {kind.Key.MessageType} in the outbox, handed over {worst.Attempts} times; last error: {worst.LastError ?? "none"}");
        }

        foreach (var queue in queues.Where(queue => queue.Messages is not 0))
            yield return new(6, BreachKind.Stuck, $"queue {queue.Name}", $"{queue.Messages?.ToString(CultureInfo.InvariantCulture) ?? "unknown"} messages");
        if (queues.Count == 0)
            yield return new(6, BreachKind.Lost, "broker", "has no queues");
    }
}
