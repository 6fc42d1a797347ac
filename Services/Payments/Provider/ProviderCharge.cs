namespace Shop.Payments.Provider;

/// <summary>A row of the simulated provider's own ledger: what really happened to the money.</summary>
public sealed class ProviderCharge
{
    /// <summary>The idempotency key it was asked for with.</summary>
    public required Guid Key { get; init; }

    /// <summary>How far it has come; <see cref="ChargeStatus.None"/> where calls were only counted.</summary>
    public required ChargeStatus Status { get; init; }

    /// <summary>What was asked for, in units of <see cref="Currency"/>.</summary>
    public required decimal Amount { get; init; }

    /// <summary>What was captured.</summary>
    public required decimal Captured { get; init; }

    /// <summary>What of it was given back.</summary>
    public required decimal Refunded { get; init; }

    /// <summary>ISO 4217 code.</summary>
    public required string Currency { get; init; }

    /// <summary>Why it was declined.</summary>
    public string? Reason { get; init; }

    /// <summary>How often it was asked for.</summary>
    public required int Calls { get; init; }

    /// <summary>When the shop is to be told, if it still is (UTC).</summary>
    public DateTimeOffset? WebhookDueAt { get; init; }

    /// <summary>How often that was tried.</summary>
    public int WebhookAttempts { get; init; }

    /// <summary>When it was first asked for (UTC).</summary>
    public required DateTimeOffset At { get; init; }

    internal Charge ToCharge() => new(Status, Captured, Refunded, Reason, Currency);
}
