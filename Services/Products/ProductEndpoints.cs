using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Shop.Products;

internal static class ProductEndpoints
{
    public static void MapProducts(this IEndpointRouteBuilder endpoints)
    {
        var products = endpoints.MapGroup("/api/v1/products").WithTags("Products");
        products.MapGet("/", ListProducts).AllowAnyone();
        products.MapGet("/{id:guid}", GetProduct).AllowAnyone();
        products.MapPost("/", CreateProduct).RequireAdmin();
    }

    private static async Task<Ok<Page<ProductResponse>>> ListProducts(
        [AsParameters] PageRequest page,
        string? search,
        string? category,
        ProductsDbContext database,
        CancellationToken cancellationToken)
    {
        var products = database.Products.AsNoTracking().Where(product => product.Id < page.Before);
        if (!string.IsNullOrWhiteSpace(category))
            products = products.Where(product => product.Category == category);
        if (!string.IsNullOrWhiteSpace(search))
            products = products.Where(product => EF.Functions.ILike(product.Name, $"%{EscapeLike(search)}%", @"\"));
        var found = await products.OrderByDescending(product => product.Id).Take(page.Take).ToListAsync(cancellationToken);
        return TypedResults.Ok(page.ToPage([.. found.Select(ProductResponse.From)], product => product.Id));
    }

    private static async Task<Results<Ok<ProductResponse>, ProblemHttpResult>> GetProduct(
        Guid id, ProductsDbContext database, CancellationToken cancellationToken) =>
        await database.Products.FindAsync([id], cancellationToken) is { } product
            ? TypedResults.Ok(ProductResponse.From(product))
            : Problems.NotFound($"There is no product {id}.");

    private static async Task<Created<ProductResponse>> CreateProduct(
        CreateProductRequest request, ProductsDbContext database, CancellationToken cancellationToken)
    {
        var product = new Product
        {
            Name = request.Name,
            Description = request.Description,
            Price = request.Price,
            Currency = request.Currency,
            Category = request.Category,
        };
        database.Add(product);
        await database.SaveChangesAsync(cancellationToken);
        return TypedResults.Created($"/api/v1/products/{product.Id}", ProductResponse.From(product));
    }

    private static string EscapeLike(string text) =>
        text.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("%", @"\%", StringComparison.Ordinal).Replace("_", @"\_", StringComparison.Ordinal);
}
