using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Extensions;
using Shop.Gateway.Edge;

namespace Shop.Gateway.Composition;

/// <summary>A page of products, each with <c>availability</c>: <c>{available}</c> pieces, or null where Inventory is away.</summary>
/// <param name="Items">The products, as version 1 shows them.</param>
/// <param name="NextCursor">What to pass as <c>cursor</c> for the next page; null at the end.</param>
/// <param name="Unavailable">The parts that could not be had just now: <c>availability</c>.</param>
internal sealed record StorefrontResponse(JsonArray Items, string? NextCursor, IReadOnlyList<string> Unavailable);

/// <summary><c>GET /api/v1/storefront</c>: a page of products as Products finds them, and how many of each there are, of Inventory.</summary>
internal static class Storefront
{
    public static void MapStorefront(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet("/api/v1/storefront", GetStorefront).WithTags("Storefront").AllowAnyone()
            .Produces<StorefrontResponse>()
            .ProducesValidationProblem()
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

    /// <remarks>What is searched for, and which page, is for Products to understand: the query goes on as it came.</remarks>
    private static async Task<IResult> GetStorefront(HttpContext context, Parts parts)
    {
        var products = await parts.GetAsync(context, "products", $"/api/v1/products{context.Request.QueryString.ToUriComponent()}");
        if (products.IsRefusal)
            return products.ToResult();
        if (!products.IsThere || products.Body is not JsonObject page || page["items"] is not JsonArray items)
            return Refusal.NothingThere();

        var available = items.Count == 0 ? [] : await AskAvailableAsync(context, parts, items);
        foreach (var product in items.OfType<JsonObject>())
        {
            product["availability"] = available is null
                ? null
                : new JsonObject { ["available"] = available.GetValueOrDefault(product["id"]!.GetValue<string>()) };
        }

        return Results.Ok(new StorefrontResponse(items, page["nextCursor"]?.GetValue<string>(), available is null ? ["availability"] : []));
    }

    /// <summary>Available pieces by product; null where Inventory is away.</summary>
    private static async Task<Dictionary<string, int>?> AskAvailableAsync(HttpContext context, Parts parts, JsonArray products)
    {
        var query = new QueryBuilder(products.Select(product => KeyValuePair.Create("productId", product!["id"]!.GetValue<string>())));
        query.Add("pageSize", "100");
        var stock = await parts.GetAsync(context, "inventory", $"/api/v1/inventory{query.ToQueryString()}");
        return stock is { IsThere: true, Body: JsonObject page } && page["items"] is JsonArray counts
            ? counts.ToDictionary(count => count!["productId"]!.GetValue<string>(), count => count!["available"]!.GetValue<int>())
            : null;
    }
}
