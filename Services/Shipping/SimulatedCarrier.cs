namespace Shop.Shipping;

/// <summary>Stands in for a parcel service: delivers everywhere but to the postal code <see cref="RefusedPostalCode"/>.</summary>
internal static class SimulatedCarrier
{
    public const string Name = "Harbour Parcel";

    public const string RefusedPostalCode = "00000";

    public static bool Accepts(PostalAddress address) => address.PostalCode != RefusedPostalCode;

    public static string TrackingNumber(Guid shipmentId) => $"HP{shipmentId.ToString("N")[^12..].ToUpperInvariant()}";
}
