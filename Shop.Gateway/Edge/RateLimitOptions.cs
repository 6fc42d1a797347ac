using System.ComponentModel.DataAnnotations;

namespace Shop.Gateway.Edge;

/// <summary>The section <c>RateLimits</c>: how much of the gateway one client may use. Each gateway process counts for itself.</summary>
internal sealed class RateLimitOptions
{
    public const string Section = "RateLimits";

    /// <summary>Requests of one client: a signed-in user, or an address.</summary>
    [Range(1, 100_000_000)]
    public int RequestsPerSecond { get; init; } = 100;

    /// <summary>Orders that one user tries to place.</summary>
    [Range(1, 100_000_000)]
    public int OrdersPerMinute { get; init; } = 10;

    /// <summary>Tries to sign in from one address.</summary>
    [Range(1, 100_000_000)]
    public int SignInsPerMinute { get; init; } = 5;

    /// <summary>Event streams that one user has open at the same time.</summary>
    [Range(1, 100_000_000)]
    public int StreamsPerUser { get; init; } = 10;
}
