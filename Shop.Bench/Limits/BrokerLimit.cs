using System.Diagnostics;
using MassTransit;

namespace Shop.Bench.Limits;

/// <summary>How many persistent messages this RabbitMQ takes, confirms and delivers in a second: through MassTransit, on a quorum queue.</summary>
internal static class BrokerLimit
{
    private const int WarmUp = 2_000;
    private const int Messages = 20_000;
    private const int AtOnce = 200;

    /// <summary>How long all of it may take.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    public static async Task<double> MeasureAsync(DistributedApplication app, CancellationToken cancellationToken)
    {
        var broker = new Uri((await app.GetConnectionStringAsync("messaging", cancellationToken))!);
        using var consumed = new SemaphoreSlim(0);
        var bus = Bus.Factory.CreateUsingRabbitMq(rabbitMq =>
        {
            rabbitMq.Host(broker);
            rabbitMq.ReceiveEndpoint("bench-limit", endpoint =>
            {
                endpoint.SetQuorumQueue();
                endpoint.PrefetchCount = AtOnce;
                endpoint.Handler<BenchMessage>(_ =>
                {
                    consumed.Release();
                    return Task.CompletedTask;
                });
            });
        });
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        await bus.StartAsync(patience.Token);
        try
        {
            await SendAsync(bus, WarmUp, consumed, patience.Token);
            var start = Stopwatch.GetTimestamp();
            await SendAsync(bus, Messages, consumed, patience.Token);
            return Messages / Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
        finally
        {
            await bus.StopAsync(CancellationToken.None);
        }
    }

    private static async Task SendAsync(IBus bus, int count, SemaphoreSlim consumed, CancellationToken cancellationToken)
    {
        var left = count;
        await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => Task.Run(PublishAsync, cancellationToken)));
        for (var i = 0; i < count; i++)
            await consumed.WaitAsync(cancellationToken);

        async Task PublishAsync()
        {
            while (Interlocked.Decrement(ref left) >= 0)
                await bus.Publish(new BenchMessage(Guid.CreateVersion7(), "of an ordinary size"), cancellationToken);
        }
    }
}

/// <summary>What <see cref="BrokerLimit"/> sends. Public, because MassTransit makes it.</summary>
public sealed record BenchMessage(Guid OrderId, string Text);
