using System.Diagnostics.Metrics;

namespace Shop.Payments;

/// <summary>What can be counted of payments.</summary>
internal static class PaymentMetrics
{
    private static readonly Meter Meter = new("Shop.Payments");
    private static readonly Counter<long> Outcomes = Meter.CreateCounter<long>(
        "shop.payments.outcomes", "{payment}", "What the provider was found to have done each time it was asked: Pending and Refunding where it is not known yet.");

    public static void Outcome(PaymentStatus status) => Outcomes.Add(1, new KeyValuePair<string, object?>("outcome", status.ToString()));
}
