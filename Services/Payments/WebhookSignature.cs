using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Shop.Payments;

/// <summary>
/// Signs and checks webhooks: <c>t=UNIX,v1=HEX</c>, where HEX is HMAC-SHA256 over the time, a dot and the body as it was sent. More than one
/// <c>v1</c> may stand there, while a secret is being changed.
/// </summary>
public static class WebhookSignature
{
    /// <summary>The header that has it.</summary>
    public const string Header = "Shop-Signature";

    /// <summary>How old, or how far in the future, a webhook may be: an old one that somebody has recorded is refused.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(300);

    /// <summary>The header's value for a body sent now.</summary>
    public static string Sign(string secret, DateTimeOffset now, ReadOnlySpan<byte> body)
    {
        var time = now.ToUnixTimeSeconds();
        return string.Create(CultureInfo.InvariantCulture, $"t={time},v1={Convert.ToHexStringLower(Compute(secret, time, body))}");
    }

    /// <summary>Whether the header's value is right for the body, and not too old.</summary>
    public static bool IsValid(string? signature, string secret, DateTimeOffset now, ReadOnlySpan<byte> body)
    {
        var parts = (signature ?? "").Split(',', StringSplitOptions.TrimEntries);
        var time = parts.FirstOrDefault(part => part.StartsWith("t=", StringComparison.Ordinal))?[2..];
        if (!long.TryParse(time, NumberStyles.None, CultureInfo.InvariantCulture, out var unixTime)
            || Math.Abs((decimal)now.ToUnixTimeSeconds() - unixTime) > (decimal)Tolerance.TotalSeconds)
            return false;

        var expected = Compute(secret, unixTime, body);
        Span<byte> given = stackalloc byte[HMACSHA256.HashSizeInBytes];
        foreach (var part in parts.Where(part => part.StartsWith("v1=", StringComparison.Ordinal)))
        {
            if (Convert.FromHexString(part.AsSpan(3), given, out var read, out var written) is System.Buffers.OperationStatus.Done
                && (read, written) == (part.Length - 3, given.Length)
                && CryptographicOperations.FixedTimeEquals(given, expected))
                return true;
        }

        return false;
    }

    private static byte[] Compute(string secret, long unixTime, ReadOnlySpan<byte> body)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret));
        hmac.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{unixTime}.")));
        hmac.AppendData(body);
        return hmac.GetHashAndReset();
    }
}
