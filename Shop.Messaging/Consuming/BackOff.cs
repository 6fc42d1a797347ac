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
}
