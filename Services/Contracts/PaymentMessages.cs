namespace Shop.Contracts;

/// <summary>To Payments: capture the order's total.</summary>
/// <param name="OrderId">The order; also the idempotency key at the provider.</param>
/// <param name="Amount">In units of <paramref name="Currency"/>.</param>
/// <param name="Currency">ISO 4217 code.</param>
/// <param name="PaymentMethod">The provider's reference to the customer's means of payment; never card data.</param>
public sealed record CapturePayment(Guid OrderId, decimal Amount, string Currency, string PaymentMethod);

/// <summary>The money has been captured.</summary>
public sealed record PaymentCaptured(Guid OrderId, decimal Amount, string Currency);

/// <summary>The provider declined; final, and never sent while the outcome is unknown.</summary>
public sealed record PaymentFailed(Guid OrderId, string Reason);

/// <summary>From Payments to itself: ask the provider what became of an order's payment.</summary>
public sealed record InquirePayment(Guid OrderId);

/// <summary>To Payments: give back or void whatever this order captured. Always answered by <see cref="PaymentRefunded"/>.</summary>
public sealed record RefundPayment(Guid OrderId);

/// <summary>This order holds no money, and a late <see cref="CapturePayment"/> will be refused.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="Amount">What was given back; 0 where nothing had been captured.</param>
public sealed record PaymentRefunded(Guid OrderId, decimal Amount);
