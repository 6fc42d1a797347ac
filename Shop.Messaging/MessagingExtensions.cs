using MassTransit;
using MassTransit.DependencyInjection;
using MassTransit.Metadata;
using MassTransit.Scheduling;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using RabbitMQ.Client;
using Shop.Messaging.Broker;
using Shop.Messaging.Consuming;
using Shop.Messaging.Inbox;
using Shop.Messaging.Operations;
using Shop.Messaging.Outbox;

namespace Shop.Messaging;

/// <summary>MassTransit on RabbitMQ, made durable by the service's own Postgres database; set up once for every service.</summary>
public static class MessagingExtensions
{
    /// <summary>
    /// Adds the bus with all consumers of <typeparamref name="TContext"/>'s assembly: a durable quorum queue a consumer (kebab-case) and
    /// one transaction a message, which holds inbox, business rows, saga state and outgoing messages. What a request publishes or sends
    /// through its scope leaves with the commit of its own changes. Scheduled messages are kept in the outbox too.
    /// </summary>
    /// <param name="builder">The service; its database is registered by <see cref="ServiceDatabaseExtensions.AddServiceDatabase"/>.</param>
    /// <param name="connectionName">The broker's name below <c>ConnectionStrings</c>: an <c>amqp://</c> address.</param>
    /// <param name="routes">Every message type with the queues that must get it: declared before the first message is handed over.</param>
    /// <param name="configure">Adds sagas, if the service has any.</param>
    public static void AddMessaging<TContext>(
        this IHostApplicationBuilder builder,
        string connectionName,
        IReadOnlyDictionary<Type, string[]> routes,
        Action<IBusRegistrationConfigurator>? configure = null)
        where TContext : DbContext
    {
        var broker = new Uri(builder.Configuration.GetConnectionString(connectionName)!);
        builder.Services.AddSingleton<IValidateOptions<MessagingOptions>, MessagingOptionsValidator>();
        builder.Services.AddOptions<MessagingOptions>().BindConfiguration(MessagingOptions.Section).ValidateOnStart();
        builder.Services.AddOutbox(broker, routes, builder.Environment.ApplicationName);
        builder.Services.AddMassTransit(bus =>
        {
            bus.SetKebabCaseEndpointNameFormatter();
            bus.DisableUsageTelemetry(); // nobody outside is told what runs here
            // By type: by assembly MassTransit would take public ones only.
            bus.AddConsumers([.. typeof(TContext).Assembly.GetTypes().Where(RegistrationMetadata.IsConsumerOrDefinition)]);
            configure?.Invoke(bus);
            bus.AddConfigureEndpointsCallback(ConfigureEndpoint);
            bus.ConfigureHealthCheckOptions(health =>
            {
                // Without the broker a service still answers requests.
                health.Name = "broker";
                health.MinimalFailureStatus = HealthStatus.Degraded;
            });
            bus.UsingRabbitMq((context, rabbitMq) =>
            {
                rabbitMq.Host(broker);
                rabbitMq.SendTopology.ConfigureErrorSettings = SetDeadLetterArguments;
                rabbitMq.SendTopology.ConfigureDeadLetterSettings = SetDeadLetterArguments;
                // In the order of time: an inbox of millions is written at one end of its index.
                rabbitMq.ConfigureSend(pipe => pipe.UseExecute(send => send.MessageId = Guid.CreateVersion7()));
                rabbitMq.ConfigurePublish(pipe => pipe.UseExecute(publish => publish.MessageId = Guid.CreateVersion7()));
                rabbitMq.ConfigureEndpoints(context);
            });
        });
        builder.Services.Replace(ServiceDescriptor.Scoped<IScopedBusContextProvider<IBus>, OutboxBusContextProvider>());
        builder.Services.Configure<MassTransitHostOptions>(host => host.StopTimeout = TimeSpan.FromSeconds(20));
        builder.Services.AddOpenTelemetry()
            .WithTracing(tracing => tracing.AddSource("MassTransit"))
            .WithMetrics(metrics => metrics.AddMeter("MassTransit", MessagingMetrics.Meter));
    }

    /// <summary>Before the bus: hosted services stop in reverse, and what the last consumers publish must still leave.</summary>
    private static void AddOutbox(this IServiceCollection services, Uri broker, IReadOnlyDictionary<Type, string[]> routes, string application)
    {
        services.AddSingleton(provider => new MessageTopology(provider.GetRequiredService<IBus>(), routes));
        services.AddSingleton(_ => new ConnectionFactory
        {
            Uri = broker,
            ClientProvidedName = $"{application} outbox",
            AutomaticRecoveryEnabled = false, // the publisher does it, and declares what is missing
            RequestedHeartbeat = TimeSpan.FromSeconds(10),
        });
        services.AddSingleton<BrokerPublisher>();
        services.AddSingleton<OutboxDispatcher>();
        services.AddHostedService(provider => provider.GetRequiredService<OutboxDispatcher>());
        services.AddHostedService<OutboxSweeper>();
        services.AddHostedService<InboxCleaner>();
        services.AddSingleton<MessagingMetrics>();
        services.AddHostedService<MessagingSampler>();
        services.AddSingleton<Redelivery>();
        services.AddSingleton(provider => new DeadLetterOperations(
            provider.GetRequiredService<ConnectionFactory>(),
            provider.GetRequiredService<MessageTopology>(),
            provider.GetRequiredService<IOptions<MessagingOptions>>().Value));
        services.AddScoped<OutboxOperations>();
        services.AddScoped<OutboxWriter>();
        services.AddScoped<IMessageScheduler>(provider => new MessageScheduler(
            new OutboxScheduler(provider.GetRequiredService<OutboxWriter>(), provider.GetRequiredService<ISendEndpointProvider>()),
            provider.GetRequiredService<IBus>().Topology));
    }

    private static void ConfigureEndpoint(IRegistrationContext context, string queue, IReceiveEndpointConfigurator endpoint)
    {
        endpoint.PrefetchCount = context.GetRequiredService<IOptions<MessagingOptions>>().Value.PrefetchCount;
        if (endpoint is IRabbitMqReceiveEndpointConfigurator rabbitMq)
        {
            var deadLetters = QueueArguments.DeadLetterQueue(queue);
            rabbitMq.BindDeadLetterQueue(deadLetters, deadLetters, SetDeadLetterArguments);
            foreach (var (key, value) in QueueArguments.OfConsumer(queue))
                rabbitMq.SetQueueArgument(key, value!);
        }

        context.GetRequiredService<MessagingMetrics>().Queues[queue] = true;
        var observer = new DurableConsumeObserver(context, queue);
        endpoint.ConnectConsumerConfigurationObserver(observer);
        endpoint.ConnectSagaConfigurationObserver(observer);
    }

    private static void SetDeadLetterArguments(IRabbitMqQueueConfigurator queue)
    {
        // MassTransit copies the arguments of the consumer's queue: a message that is looked at too often would be moved again.
        foreach (var key in QueueArguments.OfConsumer("").Keys)
            queue.SetQueueArgument(key, (object?)null);
        foreach (var (key, value) in QueueArguments.OfDeadLetters())
            queue.SetQueueArgument(key, value!);
    }
}
