using System.Security.Cryptography;

namespace Shop.Messaging.Consuming;

/// <summary>How long to wait before the next attempt.</summary>
internal static class BackOff
{
    /// <summary>Doubled with each attempt (counted from 0) up to a maximum; somewhere in its upper half, so that many do not come at once.</summary>
    public static TimeSpan After(int attempt, TimeSpan first, TimeSpan max)
    {
        var full = Math.Min(first.TotalMilliseconds * Math.Pow(2, Math.Min(attempt, 30)), max.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(full / 2 + RandomNumberGenerator.GetInt32((int)(full / 2) + 1));
    }

    /// <summary>A quarter more or less, so that what failed at the same time does not come back at the same time.</summary>
    public static TimeSpan Around(TimeSpan delay)
    {
        var quarter = (int)(delay.TotalMilliseconds / 4);
        return delay + TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32(-quarter, quarter + 1));
    }
}
