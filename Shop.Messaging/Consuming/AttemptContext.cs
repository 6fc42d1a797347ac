using MassTransit;
using MassTransit.Context;

namespace Shop.Messaging.Consuming;

/// <summary>A message in one attempt to consume it: its failure is told to nobody yet, because the next attempt may succeed.</summary>
internal sealed class AttemptContext<T>(ConsumeContext<T> context, bool isAlone) : ConsumeContextProxy<T>(context)
    where T : class
{
    /// <summary>Whether it must share no transaction: it has failed before, or is suspected to kill its process.</summary>
    public bool IsAlone => isAlone;

    /// <summary>Who failed.</summary>
    public string? FailedConsumer { get; private set; }

    public override Task NotifyFaulted<TMessage>(ConsumeContext<TMessage> context, TimeSpan duration, string consumerType, Exception exception)
    {
        FailedConsumer ??= consumerType;
        return Task.CompletedTask;
    }
}
