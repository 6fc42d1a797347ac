using Microsoft.EntityFrameworkCore;
using Shop.Messaging.Inbox;
using Shop.Messaging.Outbox;

namespace Shop.Messaging;

/// <summary>The tables of durable messaging.</summary>
public static class DurableMessagingModelExtensions
{
    /// <summary>Adds the tables <c>outbox_messages</c> and <c>inbox_messages</c> to a service's model.</summary>
    public static ModelBuilder AddDurableMessaging(this ModelBuilder modelBuilder)
    {
        var outbox = modelBuilder.Entity<OutboxMessage>().ToTable(OutboxMessage.Table);
        outbox.Property(message => message.Id).ValueGeneratedNever();
        // The database's clock, not ours: the sweepers of all replicas compare with it. Part of the schema, hence not configurable.
        outbox.Property(message => message.AvailableAt).HasDefaultValueSql("clock_timestamp() + interval '5 seconds'");
        outbox.Property(message => message.Headers).HasJsonColumn();
        outbox.HasIndex(message => message.AvailableAt);
        outbox.HasIndex(message => message.SchedulingToken).HasFilter("scheduling_token IS NOT NULL");
        outbox.Ignore(message => message.IsScheduled);
        outbox.Ignore(message => message.TransactionId);
        outbox.Ignore(message => message.LeasedSince);
        outbox.Ignore(message => message.Lease);
        // Every message is a row that is soon deleted: vacuum by number of rows, not by share of a table that is nearly empty.
        outbox.HasStorageParameter("autovacuum_vacuum_scale_factor", 0);
        outbox.HasStorageParameter("autovacuum_vacuum_threshold", 10_000);

        var inbox = modelBuilder.Entity<InboxMessage>().ToTable(InboxMessage.Table);
        inbox.HasKey(message => new { message.MessageId, message.Queue });
        inbox.HasIndex(message => message.ReceivedAt);
        return modelBuilder;
    }
}
