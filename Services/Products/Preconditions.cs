using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Net.Http.Headers;
using Microsoft.OpenApi;

namespace Shop.Products;

/// <summary>
/// Conditional requests (RFC 9110, section 13): whoever changes a product says which version was seen, so that nobody undoes a change
/// without knowing of it.
/// </summary>
internal static class Preconditions
{
    extension(Product product)
    {
        /// <summary>Of the product in all its representations: it tells of everything that changes one of them.</summary>
        public string ETag => product.ETags[product.Available ? 0 : 1];

        /// <summary>With each of these it may be changed: that it was sold out meanwhile takes nothing from what an administrator has seen.</summary>
        private string[] ETags => [$"\"{product.Revision}\"", $"\"{product.Revision}-sold-out\""];
    }

    /// <summary>Whether the client has it as it is: <c>If-None-Match</c>.</summary>
    public static bool HasCurrent(this HttpRequest request, Product product) =>
        EntityTagHeaderValue.TryParseList(request.Headers.IfNoneMatch, out var tags)
        && tags.Any(tag => tag.Compare(new EntityTagHeaderValue(product.ETag), useStrongComparison: false) || tag.Equals(EntityTagHeaderValue.Any));

    /// <summary>Why it must not be changed: 428 without <c>If-Match</c>, 412 where that is not of the version there is. Null where it may be.</summary>
    public static ProblemHttpResult? RefusalToChange(this HttpRequest request, Product product)
    {
        if (request.Headers.IfMatch.Count == 0)
        {
            return TypedResults.Problem(
                "A change needs the header If-Match, with the ETag of what it is a change of.", statusCode: StatusCodes.Status428PreconditionRequired);
        }

        return EntityTagHeaderValue.TryParseList(request.Headers.IfMatch, out var tags)
            && tags.Any(tag => (!tag.IsWeak && product.ETags.Contains(tag.Tag.Value)) || tag.Equals(EntityTagHeaderValue.Any))
                ? null
                : Overtaken();
    }

    /// <summary>Saves, unless somebody else has changed the same since it was read: then nothing is saved, and it is 412.</summary>
    public static async Task<ProblemHttpResult?> TrySaveAsync(this ProductsDbContext database, CancellationToken cancellationToken)
    {
        try
        {
            await database.SaveChangesAsync(cancellationToken);
            return null;
        }
        catch (DbUpdateConcurrencyException)
        {
            return Overtaken();
        }
    }

    public static void ProducesNotModified(this RouteHandlerBuilder route) =>
        route.Produces(StatusCodes.Status304NotModified).Takes(HeaderNames.IfNoneMatch, "An ETag of before: 304 where it is still the same.", isRequired: false);

    public static void ProducesPreconditionProblems(this RouteHandlerBuilder route) =>
        route.ProducesProblem(StatusCodes.Status412PreconditionFailed).ProducesProblem(StatusCodes.Status428PreconditionRequired)
            .Takes(HeaderNames.IfMatch, "The ETag of what is changed.", isRequired: true);

    private static void Takes(this RouteHandlerBuilder route, string header, string description, bool isRequired) =>
        route.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            (operation.Parameters ??= []).Add(new OpenApiParameter
            {
                Name = header,
                In = ParameterLocation.Header,
                Description = description,
                Required = isRequired,
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
            });
            return Task.CompletedTask;
        });

    private static ProblemHttpResult Overtaken() => TypedResults.Problem(
        "The product is no longer as it was when its ETag was read. Read it again, and see whether the change still makes sense.",
        statusCode: StatusCodes.Status412PreconditionFailed);
}
