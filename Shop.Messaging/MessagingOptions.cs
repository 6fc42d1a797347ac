using Microsoft.Extensions.Options;

namespace Shop.Messaging;

/// <summary>How messages are handed over, tried again and remembered; the configuration section <c>Messaging</c>.</summary>
public sealed class MessagingOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Messaging";

    /// <summary>How many messages of one queue a process takes at once, and so how many may share a transaction.</summary>
    public int PrefetchCount { get; set; } = 64;

    /// <summary>
    /// How often at least the outbox is searched for messages that other processes have left. Where it is known that one is due sooner, it is
    /// searched then.
    /// </summary>
    public TimeSpan SweepInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How many messages one search takes.</summary>
    public int SweepBatchSize { get; set; } = 200;

    /// <summary>How long a message that was not handed over waits at first; doubled with each attempt.</summary>
    public TimeSpan HandOverBackOff { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>What <see cref="HandOverBackOff"/> grows to.</summary>
    public TimeSpan MaxHandOverBackOff { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How many more times a message whose consumer failed is tried at once, within about a second.</summary>
    public int ImmediateRetries { get; set; } = 4;

    /// <summary>
    /// After what times a message is tried again when the immediate retries have failed: each time with all its immediate retries, and
    /// after the last it goes to the error queue. By default 5 s, 30 s and 2 min; each a quarter more or less.
    /// </summary>
    public IList<TimeSpan>? RedeliveryDelays { get; set; }

    /// <summary>How long a message that was consumed is remembered; longer than any delay of outbox and broker.</summary>
    public TimeSpan InboxRetention { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How often what is older than <see cref="InboxRetention"/> is forgotten.</summary>
    public TimeSpan InboxCleaningInterval { get; set; } = TimeSpan.FromMinutes(1);

    internal IList<TimeSpan> EffectiveRedeliveryDelays => RedeliveryDelays ?? DefaultRedeliveryDelays;

    private static readonly TimeSpan[] DefaultRedeliveryDelays = [TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2)];
}

internal sealed class MessagingOptionsValidator : IValidateOptions<MessagingOptions>
{
    public ValidateOptionsResult Validate(string? name, MessagingOptions options)
    {
        string[] wrong =
        [
            .. NotPositive(nameof(options.PrefetchCount), options.PrefetchCount),
            .. NotPositive(nameof(options.SweepInterval), options.SweepInterval.Ticks),
            .. NotPositive(nameof(options.SweepBatchSize), options.SweepBatchSize),
            .. NotPositive(nameof(options.HandOverBackOff), options.HandOverBackOff.Ticks),
            .. NotPositive(nameof(options.MaxHandOverBackOff), options.MaxHandOverBackOff.Ticks),
            .. NotPositive(nameof(options.ImmediateRetries), options.ImmediateRetries + 1),
            .. options.EffectiveRedeliveryDelays.SelectMany(delay => NotPositive(nameof(options.RedeliveryDelays), delay.Ticks)),
            .. NotPositive(nameof(options.InboxRetention), options.InboxRetention.Ticks),
            .. NotPositive(nameof(options.InboxCleaningInterval), options.InboxCleaningInterval.Ticks),
        ];
        return wrong.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong);
    }

    private static IEnumerable<string> NotPositive(string key, long value) =>
        value > 0 ? [] : [$"{MessagingOptions.Section}:{key} is too small."];
}
