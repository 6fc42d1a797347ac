using System.Collections.Concurrent;
using MassTransit;

namespace Shop.Tests.Orders;

/// <summary>Every message a bus publishes, in order, and when each was consumed.</summary>
internal sealed class MessageLog : IPublishObserver, IConsumeObserver
{
    private readonly ConcurrentQueue<object> _published = new();
    private readonly ConcurrentDictionary<Guid, TaskCompletionSource> _consumed = new();

    public object[] Published() => [.. _published];

    public void Clear()
    {
        _published.Clear();
        _consumed.Clear();
    }

    /// <summary>Ends when the message has been consumed; fails as its consumer failed.</summary>
    public Task Consumed(Guid messageId) => Consumption(messageId).Task;

    public Task PrePublish<T>(PublishContext<T> context)
        where T : class => Task.CompletedTask;

    public Task PostPublish<T>(PublishContext<T> context)
        where T : class
    {
        _published.Enqueue(context.Message);
        return Task.CompletedTask;
    }

    public Task PublishFault<T>(PublishContext<T> context, Exception exception)
        where T : class => Task.FromException(exception);

    public Task PreConsume<T>(ConsumeContext<T> context)
        where T : class => Task.CompletedTask;

    public Task PostConsume<T>(ConsumeContext<T> context)
        where T : class
    {
        Consumption(context.MessageId!.Value).TrySetResult();
        return Task.CompletedTask;
    }

    public Task ConsumeFault<T>(ConsumeContext<T> context, Exception exception)
        where T : class
    {
        Consumption(context.MessageId!.Value).TrySetException(exception);
        return Task.CompletedTask;
    }

    private TaskCompletionSource Consumption(Guid messageId) =>
        _consumed.GetOrAdd(messageId, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
}
