using System.Globalization;
using System.Text;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Shop.Messaging.Outbox;

namespace Shop.Messaging.Consuming;

/// <summary>Puts a message that could not be consumed into the outbox, to come again to its queue, unchanged and under the same id.</summary>
internal sealed class Redelivery(IServiceScopeFactory scopes, IOptions<MessagingOptions> options, TimeProvider clock)
{
    /// <summary>The transport header that counts the later attempts.</summary>
    public const string AttemptHeader = "redelivery-attempt";

    /// <summary>After what time the message is to be tried again; null where it has had its last attempt.</summary>
    public TimeSpan? NextDelay(ConsumeContext context)
    {
        var attempt = AttemptOf(context);
        var delays = options.Value.EffectiveRedeliveryDelays;
        return attempt < delays.Count ? BackOff.Around(delays[attempt]) : null;
    }

    /// <summary>Whether the message has failed before, in an attempt that came to its end.</summary>
    public static bool IsLaterAttempt(ConsumeContext context) => AttemptOf(context) > 0;

    /// <summary>Schedules the next attempt, in a transaction of its own.</summary>
    public async Task ScheduleAsync<T>(ConsumeContext<T> context, string queue, TimeSpan delay, CancellationToken cancellationToken)
        where T : class
    {
        var received = context.ReceiveContext;
        var now = clock.GetUtcNow();
        var headers = HeadersOf(context);
        headers[AttemptHeader] = (AttemptOf(context) + 1).ToString(CultureInfo.InvariantCulture);

        await using var scope = scopes.CreateAsyncScope();
        var database = scope.ServiceProvider.GetRequiredService<DbContext>();
        database.Add(new OutboxMessage
        {
            MessageId = context.MessageId!.Value,
            Destination = queue,
            MessageType = MessageUrn.ForTypeString<T>(),
            ContentType = received.ContentType.ToString(),
            Headers = headers,
            Body = received.GetBody(),
            AvailableAt = now + delay,
            IsScheduled = true,
            CreatedAt = now,
        });
        await database.SaveChangesAsync(cancellationToken);
    }

    /// <summary>As the message was sent: without what the broker and its client added on the way.</summary>
    private static Dictionary<string, string> HeadersOf(ConsumeContext context) =>
        context.TryGetPayload(out RabbitMqBasicConsumeContext? delivery) && delivery.Properties.Headers is { } headers
            ? headers
                .Where(header => header.Value is byte[] && !header.Key.StartsWith("x-", StringComparison.Ordinal))
                .ToDictionary(header => header.Key, header => Encoding.UTF8.GetString((byte[])header.Value!))
            : [];

    private static int AttemptOf(ConsumeContext context) =>
        context.ReceiveContext.TransportHeaders.TryGetHeader(AttemptHeader, out var value) ? AttemptOf(Convert.ToString(value, CultureInfo.InvariantCulture)) : 0;

    /// <summary>Which of the later attempts a message's header says this is; 0 where it is the first.</summary>
    public static int AttemptOf(string? header) => int.TryParse(header, CultureInfo.InvariantCulture, out var attempt) ? attempt : 0;
}
