using System.ComponentModel.DataAnnotations;

namespace Shop.Orders.Saga;

/// <summary>How long the saga waits for an answer before it asks once more; then it waits twice as long. Configuration section <c>Orders:Timeouts</c>.</summary>
public sealed class OrderTimeouts
{
    /// <summary>For the saga to take up an order that was accepted; repeated without end, at most 32 times as far apart.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan Submission { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>For Inventory to reserve or commit.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")]
    public TimeSpan Stock { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>For Payments to capture.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")]
    public TimeSpan Payment { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>For Shipping to arrange or cancel a shipment.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")]
    public TimeSpan Shipment { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>For an undo, which is repeated without end, at most a minute apart.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan Undo { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long stock must stay held: longer than reserving, capturing and committing can take, each asked for twice.</summary>
    internal TimeSpan Hold => 3 * (2 * Stock + Payment) + TimeSpan.FromMinutes(1);
}
