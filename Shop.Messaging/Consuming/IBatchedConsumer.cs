namespace Shop.Messaging.Consuming;

/// <summary>
/// A consumer whose messages may share a transaction: those that wait at the same time are handled one after the other in one scope and one
/// DbContext, and are saved and committed together. Where one of them fails, each is handled again, in a transaction of its own.
/// Publish by the <c>ConsumeContext</c>: an injected <c>IPublishEndpoint</c> would be that of the first message.
/// </summary>
/// <typeparam name="TMessage">The message; the class implements <c>IConsumer&lt;TMessage&gt;</c> too.</typeparam>
public interface IBatchedConsumer<in TMessage>
    where TMessage : class
{
    /// <summary>
    /// Loads what the messages are about with few statements, and locks it in the order of its keys, so that two transactions never wait for
    /// each other. What is loaded is tracked by the DbContext and found there.
    /// </summary>
    Task LoadAsync(IReadOnlyList<TMessage> messages, CancellationToken cancellationToken);
}
