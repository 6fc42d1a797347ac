using MassTransit;
using MassTransit.Metadata;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Shop.Messaging;

/// <summary>MassTransit on RabbitMQ, set up once for every service.</summary>
public static class MessagingExtensions
{
    /// <summary>
    /// A crash in mid-message counts as a delivery, and past the limit RabbitMQ drops the message: far more than any series of crashes
    /// that a restart policy allows.
    /// </summary>
    private const int DeliveryLimit = 50;

    /// <summary>
    /// Adds the bus with all consumers of <typeparamref name="TContext"/>'s assembly: a durable quorum queue a consumer (kebab-case),
    /// one transaction a try, quick retries and then the error queue, and messages that leave only after the commit.
    /// </summary>
    /// <param name="builder">The service; its database is registered by <see cref="ServiceDatabaseExtensions.AddServiceDatabase"/>.</param>
    /// <param name="connectionName">The broker's name below <c>ConnectionStrings</c>: an <c>amqp://</c> address.</param>
    /// <param name="configure">Adds sagas, if the service has any.</param>
    public static void AddMessaging<TContext>(
        this IHostApplicationBuilder builder,
        string connectionName,
        Action<IBusRegistrationConfigurator>? configure = null)
        where TContext : DbContext
    {
        builder.Services.AddMassTransit(bus =>
        {
            bus.SetKebabCaseEndpointNameFormatter();
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
                rabbitMq.Host(new Uri(builder.Configuration.GetConnectionString(connectionName)!));
                rabbitMq.ConfigureEndpoints(context);
            });
        });
        builder.Services.Configure<MassTransitHostOptions>(host =>
        {
            // What is published before the queues are bound is gone: serve nobody until they are.
            host.WaitUntilStarted = true;
            host.StopTimeout = TimeSpan.FromSeconds(20);
        });
        builder.Services.AddOpenTelemetry()
            .WithTracing(tracing => tracing.AddSource("MassTransit"))
            .WithMetrics(metrics => metrics.AddMeter("MassTransit"));
    }

    internal static void ConfigureEndpoint(IRegistrationContext context, string queue, IReceiveEndpointConfigurator endpoint)
    {
        if (endpoint is IRabbitMqReceiveEndpointConfigurator rabbitMq)
        {
            rabbitMq.SetQuorumQueue();
            rabbitMq.SetQueueArgument("x-delivery-limit", DeliveryLimit);
        }

        // From the outside in: a failed try is rolled back as a whole, its messages included, and tried again in a scope of its own.
        endpoint.UseMessageRetry(retry => retry.Exponential(4, TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(500), TimeSpan.FromMilliseconds(100)));
        endpoint.UseInMemoryOutbox(context);
        endpoint.UseConsumeFilter(typeof(TransactionFilter<>), context);
    }
}
