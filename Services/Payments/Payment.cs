namespace Shop.Payments;

/// <summary>How far an order's payment has come.</summary>
public enum PaymentStatus
{
    /// <summary>Asked of the provider; what became of it is not known yet.</summary>
    Pending,

    /// <summary>The provider declined, or was made to forget the charge; final.</summary>
    Declined,

    /// <summary>The money is there.</summary>
    Captured,

    /// <summary>To be given back or prevented; the provider has not answered yet.</summary>
    Refunding,

    /// <summary>The money has been given back.</summary>
    Refunded,

    /// <summary>Undone before anything was captured: nothing will be.</summary>
    Voided,
}

/// <summary>The one payment of an order. It is kept for ever, so that a repeated request finds its answer.</summary>
public sealed class Payment
{
    /// <summary>The order; one payment each. Also the idempotency key at the provider.</summary>
    public required Guid OrderId { get; init; }

    /// <summary>How far it has come.</summary>
    public required PaymentStatus Status { get; set; }

    /// <summary>
    /// What was asked for, in units of <see cref="Currency"/>; what the provider had captured, where it was undone before we knew of it.
    /// </summary>
    public decimal Amount { get; set; }

    /// <summary>What of it was given back.</summary>
    public decimal Refunded { get; set; }

    /// <summary>ISO 4217 code; empty where the payment was voided before anything was captured.</summary>
    public string Currency { get; set; } = "";

    /// <summary>The provider's reference to the customer's means of payment, needed to ask again; never card data. Erased with its customer.</summary>
    public string PaymentMethod { get; init; } = "";

    /// <summary>How often the provider was asked to capture it.</summary>
    public int Attempts { get; set; }

    /// <summary>How often the provider was asked what became of it.</summary>
    public int Inquiries { get; set; }

    /// <summary>The reason for declining.</summary>
    public string? Failure { get; set; }

    /// <summary>When it was first asked for (UTC).</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Whether it is not yet known what the provider did.</summary>
    public bool IsOpen => Status is PaymentStatus.Pending or PaymentStatus.Refunding;
}
