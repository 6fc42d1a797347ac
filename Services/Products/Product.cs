namespace Shop.Products;

/// <summary>Something to buy.</summary>
public sealed class Product
{
    /// <summary>UUIDv7.</summary>
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>What it is called.</summary>
    public required string Name { get; set; }

    /// <summary>A line about it.</summary>
    public required string Description { get; set; }

    /// <summary>For one piece, in units of <see cref="Currency"/>.</summary>
    public required decimal Price { get; set; }

    /// <summary>ISO 4217 code.</summary>
    public required string Currency { get; set; }

    /// <summary>The shelf it stands on.</summary>
    public required string Category { get; set; }

    /// <summary>Whether at least one piece was to be had when Inventory last said so.</summary>
    public bool Available { get; init; }

    /// <summary>Which of Inventory's facts <see cref="Available"/> comes from; an older one changes nothing.</summary>
    public long AvailabilityVersion { get; init; }
}
