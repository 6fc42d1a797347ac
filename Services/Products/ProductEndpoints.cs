namespace Shop.Products;

/// <summary>The catalogue in both versions of the API: the same products, told in two ways.</summary>
internal static class ProductEndpoints
{
    public static void MapProducts(this IEndpointRouteBuilder endpoints)
    {
        var v1 = endpoints.MapVersion("v1");
        v1.MapGet("/", ([AsParameters] ProductQuery query, Catalogue catalogue, CancellationToken cancellationToken) =>
            catalogue.ListAsync(query, ProductResponse.From, cancellationToken)).AllowAnyone();
        v1.MapGet("/{id:guid}", (Guid id, HttpContext http, Catalogue catalogue) =>
            catalogue.GetAsync(id, http, ProductResponse.From)).AllowAnyone().ProducesNotModified();
        v1.MapPost("/", (ProductRequest request, HttpContext http, Catalogue catalogue) =>
            catalogue.CreateAsync(request.ToDetails(product: null), http, ProductResponse.From)).RequireAdmin();
        v1.MapPut("/{id:guid}", (Guid id, ProductRequest request, HttpContext http, Catalogue catalogue) =>
            catalogue.ChangeAsync(id, request.ToDetails, http, ProductResponse.From)).RequireAdmin().ProducesPreconditionProblems();

        var v2 = endpoints.MapVersion("v2");
        v2.MapGet("/", ([AsParameters] ProductQuery query, Catalogue catalogue, CancellationToken cancellationToken) =>
            catalogue.ListAsync(query, ProductResponseV2.From, cancellationToken)).AllowAnyone();
        v2.MapGet("/{id:guid}", (Guid id, HttpContext http, Catalogue catalogue) =>
            catalogue.GetAsync(id, http, ProductResponseV2.From)).AllowAnyone().ProducesNotModified();
        v2.MapPost("/", (ProductRequestV2 request, HttpContext http, Catalogue catalogue) =>
            catalogue.CreateAsync(request.ToDetails(), http, ProductResponseV2.From)).RequireAdmin();
        v2.MapPut("/{id:guid}", (Guid id, ProductRequestV2 request, HttpContext http, Catalogue catalogue) =>
            catalogue.ChangeAsync(id, _ => request.ToDetails(), http, ProductResponseV2.From)).RequireAdmin().ProducesPreconditionProblems();
    }

    private static RouteGroupBuilder MapVersion(this IEndpointRouteBuilder endpoints, string version)
    {
        var products = endpoints.MapGroup($"/api/{version}/products").WithTags("Products");
        products.MapDelete("/{id:guid}", (Guid id, HttpContext http, Catalogue catalogue) =>
            catalogue.DeleteAsync(id, http)).RequireAdmin().ProducesPreconditionProblems();
        return products;
    }
}
