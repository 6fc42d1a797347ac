namespace Shop.Products;

/// <summary>Something to buy.</summary>
public sealed class Product
{
    /// <summary>UUIDv7.</summary>
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>What it is called.</summary>
    public string Name { get; private set; } = "";

    /// <summary>A line about it.</summary>
    public string Description { get; private set; } = "";

    /// <summary>For one piece, in units of <see cref="Currency"/>.</summary>
    public decimal Price { get; private set; }

    /// <summary>ISO 4217 code.</summary>
    public string Currency { get; private set; } = "";

    /// <summary>The shelf it stands on.</summary>
    public Category Category { get; private set; } = null!;

    /// <summary>Where there is a picture of it, if there is one.</summary>
    public string? ImageUrl { get; private set; }

    /// <summary>Whether at least one piece was to be had when Inventory last said so.</summary>
    public bool Available { get; init; }

    /// <summary>Which of Inventory's facts <see cref="Available"/> comes from; an older one changes nothing.</summary>
    public long AvailabilityVersion { get; init; }

    /// <summary>Since when (UTC) it is sold no more. Its row stays: a catalogue that was emptied is not filled with the sample again.</summary>
    public DateTimeOffset? DeletedAt { get; private set; }

    /// <summary>Grows with each change that an administrator makes; that pieces come and go is none.</summary>
    public int Revision { get; private set; }

    /// <summary>Describes it, anew or for the first time.</summary>
    public Product Describe(ProductDetails details, Category category)
    {
        (Name, Description, Price, Currency, ImageUrl) = (details.Name, details.Description, details.Price, details.Currency, details.ImageUrl);
        Category = category;
        Revision++;
        return this;
    }

    /// <summary>Takes it off the shelves for good.</summary>
    public void Delete(DateTimeOffset at)
    {
        DeletedAt = at;
        Revision++;
    }
}

/// <summary>A shelf of the shop. It comes with the first product that names it.</summary>
public sealed class Category
{
    /// <summary>UUIDv7.</summary>
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>What it is called; no two are called the same.</summary>
    public required string Name { get; init; }
}

/// <summary>What an administrator says of a product, whatever version of the API it is said in.</summary>
public sealed record ProductDetails(string Name, string Description, decimal Price, string Currency, string Category, string? ImageUrl);
