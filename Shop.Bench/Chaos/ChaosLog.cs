using System.Collections.Concurrent;
using Shop.Bench.Invariants;

namespace Shop.Bench.Chaos;

/// <summary>What the customers were answered.</summary>
internal sealed class ChaosLog
{
    private readonly ConcurrentBag<AcceptedOrder> _accepted = [];
    private readonly ConcurrentBag<Breach> _refused = [];

    /// <summary>Every 201 that was seen; a repeated request can be here twice.</summary>
    public IReadOnlyCollection<AcceptedOrder> AllAccepted => _accepted;

    /// <summary>What should have been accepted, and was not.</summary>
    public IReadOnlyCollection<Breach> AllRefused => _refused;

    public void Accepted(AcceptedOrder order) => _accepted.Add(order);

    public void Refused(string what, string answer) => _refused.Add(new Breach(1, BreachKind.Wrong, what, $"was refused: {answer}"));
}
