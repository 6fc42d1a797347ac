namespace Shop.Payments;

/// <summary>How far an order's payment has come.</summary>
public enum PaymentStatus
{
    /// <summary>Being asked for; never seen outside the transaction that asks.</summary>
    Pending,

    /// <summary>The provider declined; final.</summary>
    Declined,

    /// <summary>The money is there.</summary>
    Captured,

    /// <summary>The money has been given back.</summary>
    Refunded,

    /// <summary>Undone before anything was captured: nothing will be.</summary>
    Voided,
}

/// <summary>The one payment of an order. It is kept for ever, so that a repeated request finds its answer.</summary>
public sealed class Payment
{
    /// <summary>The order; one payment each.</summary>
    public required Guid OrderId { get; init; }

    /// <summary>How far it has come.</summary>
    public required PaymentStatus Status { get; set; }

    /// <summary>What was asked for, in units of <see cref="Currency"/>.</summary>
    public decimal Amount { get; init; }

    /// <summary>What of it was given back.</summary>
    public decimal Refunded { get; set; }

    /// <summary>ISO 4217 code; empty where the payment was voided before it was asked for.</summary>
    public string Currency { get; init; } = "";

    /// <summary>The provider's reason for declining.</summary>
    public string? Failure { get; set; }

    /// <summary>When it was decided (UTC).</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}
