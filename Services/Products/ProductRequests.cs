using System.ComponentModel.DataAnnotations;

namespace Shop.Products;

/// <summary>The body of <c>POST /api/v1/products</c> and <c>PUT /api/v1/products/{id}</c>.</summary>
public sealed record ProductRequest(
    [property: Required, MaxLength(200)] string Name,
    [property: Required, MaxLength(2000)] string Description,
    [property: Price] decimal Price,
    [property: Required, Currency] string Currency,
    [property: Required, MaxLength(100)] string Category)
{
    /// <param name="product">What it changes, if it changes one: version 1 knows nothing of pictures, and leaves them as they are.</param>
    internal ProductDetails ToDetails(Product? product) => new(Name, Description, Price, Currency, Category, product?.ImageUrl);
}

/// <summary>A product as clients of version 1 see it.</summary>
public sealed record ProductResponse(Guid Id, string Name, string Description, decimal Price, string Currency, string Category, bool Available)
{
    internal static ProductResponse From(Product product) => new(
        product.Id, product.Name, product.Description, product.Price, product.Currency, product.Category.Name, product.Available);
}

/// <summary>The body of <c>POST /api/v2/products</c> and <c>PUT /api/v2/products/{id}</c>: what a read gave may be sent back with changes.</summary>
public sealed record ProductRequestV2(
    [property: Required, MaxLength(200)] string Name,
    [property: Required, MaxLength(2000)] string Description,
    [property: Required] PriceBody Price,
    [property: Required] CategoryRequest Category,
    [property: MaxLength(2000), ImageUrl] string? ImageUrl)
{
    internal ProductDetails ToDetails() => new(Name, Description, Price.Amount, Price.Currency, Category.Name, ImageUrl);
}

/// <summary>A product as clients of version 2 see it.</summary>
public sealed record ProductResponseV2(
    Guid Id, string Name, string Description, PriceBody Price, CategoryResponse Category, string? ImageUrl, ProductLinks Links)
{
    internal static ProductResponseV2 From(Product product) => new(
        product.Id,
        product.Name,
        product.Description,
        new PriceBody(product.Price, product.Currency),
        new CategoryResponse(product.Category.Id, product.Category.Name),
        product.ImageUrl,
        new ProductLinks($"/api/v2/products/{product.Id}"));
}

/// <summary>What one piece costs.</summary>
/// <param name="Amount">In units of <paramref name="Currency"/>.</param>
/// <param name="Currency">ISO 4217 code.</param>
public sealed record PriceBody([property: Price] decimal Amount, [property: Required, Currency] string Currency);

/// <summary>A category is named; where there is none of that name yet, it is made.</summary>
public sealed record CategoryRequest([property: Required, MaxLength(100)] string Name);

/// <summary>A category, to be searched by its id or its name.</summary>
public sealed record CategoryResponse(Guid Id, string Name);

/// <summary>Where more is to be had.</summary>
public sealed record ProductLinks(string Self);

/// <summary>An amount that can be paid: some, and in whole hundredths.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class PriceAttribute() : ValidationAttribute("A price lies between 0.01 and 1000000, in whole hundredths.")
{
    public override bool IsValid(object? value) => value is decimal and >= 0.01m and <= 1_000_000m and var price && decimal.Round(price, 2) == price;
}

[AttributeUsage(AttributeTargets.Property)]
internal sealed class CurrencyAttribute() : RegularExpressionAttribute("^[A-Z]{3}$")
{
    public override string FormatErrorMessage(string name) => "The currency is a three-letter ISO 4217 code.";
}

[AttributeUsage(AttributeTargets.Property)]
internal sealed class ImageUrlAttribute() : ValidationAttribute("A picture is at an absolute http or https URL.")
{
    public override bool IsValid(object? value) =>
        value is null || (Uri.TryCreate((string)value, UriKind.Absolute, out var url) && url.Scheme is "https" or "http");
}
