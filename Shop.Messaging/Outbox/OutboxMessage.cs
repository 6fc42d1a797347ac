namespace Shop.Messaging.Outbox;

/// <summary>
/// A message that has been committed with the change it tells of, and is to be handed over to the broker: at once, or when it is due.
/// The row is deleted as soon as the broker has confirmed it.
/// </summary>
internal sealed class OutboxMessage
{
    public const string Table = "outbox_messages";

    /// <summary>How long a new row belongs to the process that wrote it: the default of <c>available_at</c>.</summary>
    public static readonly TimeSpan FirstLease = TimeSpan.FromSeconds(5);

    /// <summary>Of the row. A later attempt to consume a message is a row of its own with the same <see cref="MessageId"/>.</summary>
    public Guid Id { get; private init; } = Guid.CreateVersion7();

    public required Guid MessageId { get; init; }

    /// <summary>The exchange: of a message type, or of one queue.</summary>
    public required string Destination { get; init; }

    /// <summary>The first URN of the message's types, for people.</summary>
    public required string MessageType { get; init; }

    public required string ContentType { get; init; }

    /// <summary>Beside those inside the body: what the transport needs, such as the trace's id.</summary>
    public required IReadOnlyDictionary<string, string> Headers { get; init; }

    public required byte[] Body { get; init; }

    /// <summary>From when on a sweeper takes it: due time and end of a lease in one, by the database's clock.</summary>
    public DateTimeOffset AvailableAt { get; init; }

    /// <summary>Cancels a scheduled message.</summary>
    public Guid? SchedulingToken { get; init; }

    /// <summary>How often a sweeper has taken it.</summary>
    public int Attempts { get; init; }

    public string? LastError { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Not stored: whether it waits for its due time.</summary>
    public bool IsScheduled { get; init; }

    /// <summary>Not stored: in which transaction of its context it was saved.</summary>
    public Guid? TransactionId { get; set; }

    /// <summary>Not stored: the timestamp since when this process holds its lease.</summary>
    public long LeasedSince { get; set; }

    /// <summary>Not stored: how long from then on no other process takes it.</summary>
    public TimeSpan Lease { get; set; } = FirstLease;
}
