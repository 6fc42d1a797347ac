namespace Shop.Orders;

/// <summary>What a customer sees of an order's way; the saga's states are finer.</summary>
public enum OrderStatus
{
    /// <summary>Accepted; stock, payment and shipment are being arranged.</summary>
    Pending,

    /// <summary>All is arranged.</summary>
    Confirmed,

    /// <summary>The carrier has the parcel.</summary>
    Shipped,

    /// <summary>The customer has the parcel.</summary>
    Delivered,

    /// <summary>What was arranged is being undone.</summary>
    Cancelling,

    /// <summary>Ended; nothing is held, nothing is paid.</summary>
    Cancelled,
}

/// <summary>One product of an order, at the price it had when the order was placed.</summary>
public sealed record OrderLine(Guid ProductId, string Name, int Quantity, decimal UnitPrice);

/// <summary>An accepted order. Changes only along its way: an illegal step throws.</summary>
public sealed class Order
{
    /// <summary>UUIDv7.</summary>
    public Guid Id { get; private init; } = Guid.CreateVersion7();

    /// <summary>The customer.</summary>
    public required Guid UserId { get; init; }

    /// <summary>How far it has come.</summary>
    public OrderStatus Status { get; private set; }

    /// <summary>What was ordered.</summary>
    public required IReadOnlyList<OrderLine> Lines { get; init; }

    /// <summary>The sum of the lines, in units of <see cref="Currency"/>.</summary>
    public required decimal Total { get; init; }

    /// <summary>ISO 4217 code.</summary>
    public required string Currency { get; init; }

    /// <summary>Where it goes.</summary>
    public required PostalAddress ShippingAddress { get; init; }

    /// <summary>The payment provider's reference to the customer's means of payment; never card data.</summary>
    public required string PaymentMethod { get; init; }

    /// <summary>When it was accepted (UTC).</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>One of <see cref="CancellationReasons"/>, once it is being cancelled.</summary>
    public string? CancellationReason { get; private set; }

    /// <summary>The lines that were short, where the reason is <see cref="CancellationReasons.OutOfStock"/>.</summary>
    public IReadOnlyList<StockShortage> Shortages { get; private set; } = [];

    /// <summary>What has happened to it. Not loaded with the order: entries are only ever added.</summary>
    public List<TimelineEntry> Timeline { get; } = [];

    /// <summary>Everything is arranged.</summary>
    public void Confirm() => Move(OrderStatus.Pending, OrderStatus.Confirmed);

    /// <summary>The carrier has the parcel.</summary>
    public void Ship() => Move(OrderStatus.Confirmed, OrderStatus.Shipped);

    /// <summary>The customer has the parcel.</summary>
    public void Deliver() => Move(OrderStatus.Shipped, OrderStatus.Delivered);

    /// <summary>Undoing begins, for a reason that stays.</summary>
    public void BeginCancelling(string reason, IReadOnlyList<StockShortage>? shortages = null)
    {
        Move(Status == OrderStatus.Confirmed ? OrderStatus.Confirmed : OrderStatus.Pending, OrderStatus.Cancelling);
        CancellationReason = reason;
        Shortages = shortages ?? [];
    }

    /// <summary>Everything is undone.</summary>
    public void Cancel() => Move(OrderStatus.Cancelling, OrderStatus.Cancelled);

    /// <summary>What sets its saga going.</summary>
    public OrderSubmitted ToSubmitted() => new(Id, UserId, [.. Lines.Select(line => new StockLine(line.ProductId, line.Quantity))]);

    /// <summary>Adds to the timeline what has happened.</summary>
    public void Record(string step, DateTimeOffset at, string? detail = null) =>
        Timeline.Add(new TimelineEntry { OrderId = Id, At = at, Status = Status, Step = step, Detail = detail });

    private void Move(OrderStatus from, OrderStatus to)
    {
        if (Status != from)
            throw new InvalidOperationException($"Order {Id} is {Status}: it cannot become {to}.");
        Status = to;
    }
}

/// <summary>Something that happened to an order.</summary>
public sealed class TimelineEntry
{
    /// <summary>Grows with each entry.</summary>
    public long Id { get; private init; }

    /// <summary>The order.</summary>
    public required Guid OrderId { get; init; }

    /// <summary>When (UTC).</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The order's status after it.</summary>
    public required OrderStatus Status { get; init; }

    /// <summary>What happened, named as the message that told it.</summary>
    public required string Step { get; init; }

    /// <summary>More about it, if there is more.</summary>
    public string? Detail { get; init; }
}
