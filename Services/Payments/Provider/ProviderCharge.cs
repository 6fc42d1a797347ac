namespace Shop.Payments.Provider;

/// <summary>A row of the simulated provider's own ledger: what really happened to the money.</summary>
public sealed class ProviderCharge
{
    /// <summary>The idempotency key it was asked for with.</summary>
    public required Guid Key { get; init; }

    /// <summary>What was captured, in units of <see cref="Currency"/>; 0 where declined.</summary>
    public required decimal Captured { get; init; }

    /// <summary>What of it was given back.</summary>
    public decimal Refunded { get; set; }

    /// <summary>ISO 4217 code.</summary>
    public required string Currency { get; init; }

    /// <summary>Why it was declined; null where captured.</summary>
    public string? Declined { get; init; }

    /// <summary>When (UTC).</summary>
    public required DateTimeOffset At { get; init; }
}
