using MassTransit;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Shop.Products;

/// <summary>Answers whoever reads or changes the catalogue, in the words of the version that is asked: how a product is shown is the caller's business.</summary>
internal sealed class Catalogue(ProductsDbContext database, IPublishEndpoint publisher, TimeProvider clock)
{
    public async Task<Ok<Page<T>>> ListAsync<T>(ProductQuery query, Func<Product, T> show, CancellationToken cancellationToken)
    {
        var (products, nextCursor) = await query.FindAsync(database.Products.AsNoTracking(), cancellationToken);
        return TypedResults.Ok(new Page<T>([.. products.Select(show)], nextCursor));
    }

    public async Task<Results<Ok<T>, StatusCodeHttpResult, ProblemHttpResult>> GetAsync<T>(Guid id, HttpContext http, Func<Product, T> show)
    {
        if (await FindAsync(id, http.RequestAborted) is not { } product)
            return NotFound(id);
        http.Response.Headers.ETag = product.ETag;
        return http.Request.HasCurrent(product) ? TypedResults.StatusCode(StatusCodes.Status304NotModified) : TypedResults.Ok(show(product));
    }

    public async Task<Created<T>> CreateAsync<T>(ProductDetails details, HttpContext http, Func<Product, T> show)
    {
        await using var transaction = await database.Database.BeginTransactionAsync(http.RequestAborted);
        var product = new Product().Describe(details, await GetCategoryAsync(details.Category, http.RequestAborted));
        database.Add(product);
        await publisher.Publish(new ProductCreated(product.Id), http.RequestAborted);
        await database.SaveChangesAsync(http.RequestAborted);
        await transaction.CommitAsync(http.RequestAborted);
        http.Response.Headers.ETag = product.ETag;
        return TypedResults.Created($"{http.Request.Path.Value!.TrimEnd('/')}/{product.Id}", show(product));
    }

    public async Task<Results<Ok<T>, ProblemHttpResult>> ChangeAsync<T>(
        Guid id, Func<Product, ProductDetails> read, HttpContext http, Func<Product, T> show)
    {
        if (await FindAsync(id, http.RequestAborted) is not { } product)
            return NotFound(id);
        if (http.Request.RefusalToChange(product) is { } refusal)
            return refusal;

        await using var transaction = await database.Database.BeginTransactionAsync(http.RequestAborted);
        var details = read(product);
        product.Describe(details, await GetCategoryAsync(details.Category, http.RequestAborted));
        if (await database.TrySaveAsync(http.RequestAborted) is { } overtaken)
            return overtaken;
        await transaction.CommitAsync(http.RequestAborted);
        http.Response.Headers.ETag = product.ETag;
        return TypedResults.Ok(show(product));
    }

    public async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(Guid id, HttpContext http)
    {
        if (await FindAsync(id, http.RequestAborted) is not { } product)
            return NotFound(id);
        if (http.Request.RefusalToChange(product) is { } refusal)
            return refusal;

        product.Delete(clock.GetDatabaseNow());
        return await database.TrySaveAsync(http.RequestAborted) is { } overtaken ? overtaken : TypedResults.NoContent();
    }

    private Task<Product?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        database.Products.Include(product => product.Category).SingleOrDefaultAsync(product => product.Id == id, cancellationToken);

    /// <summary>The category of a name; made, where there is none yet, with the product that names it. Two that make it at the same time get the same.</summary>
    private async Task<Category> GetCategoryAsync(string name, CancellationToken cancellationToken)
    {
        var named = database.Categories.Where(category => category.Name == name);
        if (await named.SingleOrDefaultAsync(cancellationToken) is { } known)
            return known;
        await database.Database.ExecuteSqlAsync(
            $"INSERT INTO categories (id, name) VALUES ({Guid.CreateVersion7()}, {name}) ON CONFLICT (name) DO NOTHING", cancellationToken);
        return await named.SingleAsync(cancellationToken);
    }

    private static ProblemHttpResult NotFound(Guid id) => Problems.NotFound($"There is no product {id}.");
}
