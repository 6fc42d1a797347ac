namespace Shop.Payments.Provider;

/// <summary>What the provider says of a charge.</summary>
public enum ChargeStatus
{
    /// <summary>It did not answer: it may or may not have done what it was asked.</summary>
    Unknown,

    /// <summary>It knows of no such charge.</summary>
    None,

    /// <summary>It is at work, and will report by webhook.</summary>
    Processing,

    /// <summary>The money was taken.</summary>
    Captured,

    /// <summary>No.</summary>
    Declined,

    /// <summary>Nothing was taken, and nothing will be.</summary>
    Voided,
}

/// <summary>A charge as the provider tells it.</summary>
/// <param name="Status">How far it has come.</param>
/// <param name="Captured">What was taken, in units of its currency.</param>
/// <param name="Refunded">What of it was given back.</param>
/// <param name="Reason">Why it was declined.</param>
/// <param name="Currency">ISO 4217 code; empty where it is not known.</param>
public sealed record Charge(ChargeStatus Status, decimal Captured = 0, decimal Refunded = 0, string? Reason = null, string Currency = "")
{
    /// <summary>The provider did not answer.</summary>
    public static Charge Unknown { get; } = new(ChargeStatus.Unknown);

    /// <summary>The provider knows of no such charge.</summary>
    public static Charge None { get; } = new(ChargeStatus.None);

    /// <summary>What was taken and not given back.</summary>
    public decimal Kept => Captured - Refunded;
}
