using System.ComponentModel.DataAnnotations;

namespace Shop.Orders.Events;

/// <summary>The section <c>Orders:Events</c>: how streams of an order's events are kept up.</summary>
internal sealed class OrderEventOptions
{
    public const string Section = "Orders:Events";

    /// <summary>How often the timelines of all orders that somebody watches are looked at, in one question.</summary>
    [Range(typeof(TimeSpan), "00:00:00.05", "00:01:00")]
    public TimeSpan Interval { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>After how long without an event a comment is sent, so that nobody on the way takes the connection for dead.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(15);
}
