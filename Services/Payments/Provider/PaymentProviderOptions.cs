using System.ComponentModel.DataAnnotations;

namespace Shop.Payments.Provider;

/// <summary>How we and the provider reach each other; the configuration section <c>Provider</c>.</summary>
public sealed class PaymentProviderOptions
{
    /// <summary>What both sign and check webhooks with.</summary>
    [Required, MinLength(16)]
    public string WebhookSecret { get; init; } = "";

    /// <summary>The shop's public address, where the provider sends its webhooks.</summary>
    [Required]
    public Uri? ShopUrl { get; init; }

    /// <summary>How long a call may take; then its outcome is unknown.</summary>
    [Range(typeof(TimeSpan), "00:00:00.05", "00:01:00")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How many calls are under way at once at most.</summary>
    [Range(1, 1000)]
    public int Concurrency { get; init; } = 32;
}
