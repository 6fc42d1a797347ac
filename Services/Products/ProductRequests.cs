using System.ComponentModel.DataAnnotations;

namespace Shop.Products;

/// <summary>The body of <c>POST /api/v1/products</c>.</summary>
public sealed record CreateProductRequest(
    [property: Required, MaxLength(200)] string Name,
    [property: Required, MaxLength(2000)] string Description,
    [property: Range(typeof(decimal), "0.01", "1000000", ParseLimitsInInvariantCulture = true)] decimal Price,
    [property: Required, RegularExpression("^[A-Z]{3}$", ErrorMessage = "The currency is a three-letter ISO 4217 code.")] string Currency,
    [property: Required, MaxLength(100)] string Category);

/// <summary>A product as clients of version 1 see it.</summary>
public sealed record ProductResponse(Guid Id, string Name, string Description, decimal Price, string Currency, string Category, bool Available)
{
    internal static ProductResponse From(Product product) => new(
        product.Id, product.Name, product.Description, product.Price, product.Currency, product.Category, product.Available);
}
