using Microsoft.Extensions.DependencyInjection;

namespace Shop.Messaging.Consuming;

/// <summary>Loads what the messages of one transaction are about, before they are handled.</summary>
internal interface IBatchLoader
{
    Task LoadAsync(IServiceProvider scope, IReadOnlyList<object> messages, CancellationToken cancellationToken);
}

/// <summary>Asks the consumer, which is one for all messages of a scope.</summary>
internal sealed class ConsumerBatchLoader<TConsumer, TMessage> : IBatchLoader
    where TConsumer : class
    where TMessage : class
{
    public Task LoadAsync(IServiceProvider scope, IReadOnlyList<object> messages, CancellationToken cancellationToken)
    {
        TMessage[] own = [.. messages.OfType<TMessage>()];
        return own.Length == 0
            ? Task.CompletedTask
            : ((IBatchedConsumer<TMessage>)scope.GetRequiredService<TConsumer>()).LoadAsync(own, cancellationToken);
    }
}
