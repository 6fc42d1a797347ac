namespace Shop.Bench.Invariants;

/// <summary>A promise that was broken.</summary>
/// <param name="Invariant">Its number in docs/reliability.md.</param>
/// <param name="Kind">What it comes to.</param>
/// <param name="Subject">Which order, product, database or queue.</param>
/// <param name="What">What is, and what should be.</param>
public sealed record Breach(int Invariant, BreachKind Kind, string Subject, string What)
{
    /// <inheritdoc/>
    public override string ToString() => $"invariant {Invariant} ({Kind.ToString().ToLowerInvariant()}), {Subject}: {What}";
}

/// <summary>What a breach comes to.</summary>
public enum BreachKind
{
    /// <summary>Something that was accepted is not there.</summary>
    Lost,

    /// <summary>Something was done twice.</summary>
    Doubled,

    /// <summary>Something has not come to its end.</summary>
    Stuck,

    /// <summary>Two records of the same thing disagree.</summary>
    Wrong,
}

/// <summary>An order that a client saw accepted (201).</summary>
/// <param name="Id">The order.</param>
/// <param name="UserId">Whose it is.</param>
/// <param name="Key">The idempotency key it was placed with.</param>
public sealed record AcceptedOrder(Guid Id, Guid UserId, string Key);
