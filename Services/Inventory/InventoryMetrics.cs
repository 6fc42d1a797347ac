using System.Diagnostics.Metrics;

namespace Shop.Inventory;

/// <summary>What can be counted of stock.</summary>
internal static class InventoryMetrics
{
    private static readonly Meter Meter = new("Shop.Inventory");
    private static readonly Counter<long> Reservations = Meter.CreateCounter<long>(
        "shop.stock.reservations", "{reservation}", "Reservations asked for, by what became of them: Refused is a stock-out.");

    public static void Reserved(ReservationStatus outcome) => Reservations.Add(1, new KeyValuePair<string, object?>("outcome", outcome.ToString()));
}
