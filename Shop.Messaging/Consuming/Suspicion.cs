using System.Globalization;
using System.Security.Cryptography;
using MassTransit;

namespace Shop.Messaging.Consuming;

/// <summary>
/// A message that was delivered several times and never answered may be what kills the process: and with it it counts against all that were
/// delivered together with it, until all are dead letters. So those wait, each for its own while, and share no transaction: sooner or
/// later each of the innocent is handled before the guilty one.
/// </summary>
internal static class Suspicion
{
    /// <summary>So many deliveries without an answer are no longer put down to crashes that others caused.</summary>
    private const int Threshold = 3;

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(3);

    /// <summary>How long to wait before the message is handled; null where nothing speaks against it.</summary>
    public static TimeSpan? WaitOf(ConsumeContext context)
    {
        if (!context.ReceiveContext.TransportHeaders.TryGetHeader("x-delivery-count", out var header)
            || Convert.ToInt64(header, CultureInfo.InvariantCulture) < Threshold)
            return null;
        return TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32((int)LongestWait.TotalMilliseconds));
    }
}
