namespace Shop.Orders.Operations;

/// <summary>That an administrator sent dead letters back to their consumer. Rows are only ever added.</summary>
public sealed class MessageRedelivery
{
    /// <summary>UUIDv7.</summary>
    public Guid Id { get; private init; } = Guid.CreateVersion7();

    /// <summary>Who.</summary>
    public required Guid AdministratorId { get; init; }

    /// <summary>The queue that the messages lay in.</summary>
    public required string Queue { get; init; }

    /// <summary>Which message; null where all of the queue were meant.</summary>
    public string? MessageId { get; init; }

    /// <summary>How many were sent; null where it is not known, because the process died over it.</summary>
    public int? Redelivered { get; set; }

    /// <summary>When (UTC).</summary>
    public required DateTimeOffset At { get; init; }
}
