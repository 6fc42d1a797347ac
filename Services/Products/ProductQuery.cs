using System.Buffers.Text;
using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;

namespace Shop.Products;

/// <summary>Which products are asked for, in which order, and which page of them.</summary>
public sealed class ProductQuery : IValidatableObject
{
    private const int DefaultPageSize = 20;

    /// <summary>A part of the name, in any case.</summary>
    [MaxLength(200)]
    public string? Search { get; init; }

    /// <summary>The name of a category, or its id.</summary>
    [MaxLength(100)]
    public string? Category { get; init; }

    /// <summary><c>price</c>, <c>-price</c>, <c>name</c> or <c>-name</c>; newest first where not given.</summary>
    [AllowedValues(null, "", "price", "-price", "name", "-name", ErrorMessage = "Products are sorted by price, -price, name or -name.")]
    public string? Sort { get; init; }

    /// <summary>How many items at most, 1 to 100; 20 where not given.</summary>
    [Range(1, 100)]
    public int? PageSize { get; init; }

    /// <summary>Where the last page ended, as it said itself; of the same search in the same order.</summary>
    public string? Cursor { get; init; }

    private int Take => PageSize ?? DefaultPageSize;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Cursor is not null && Position.Decode(Cursor)?.Question.AsSpan().SequenceEqual(Question()) is not true)
            yield return new ValidationResult("The cursor is not one that a page of this search, in this order, gave.", [nameof(Cursor)]);
    }

    /// <summary>Finds the page: by where the last one ended and not by number, so that nothing comes twice when products come and go.</summary>
    internal async Task<Page<Product>> FindAsync(IQueryable<Product> products, CancellationToken cancellationToken)
    {
        if (!string.IsNullOrWhiteSpace(Search))
            products = products.Where(product => EF.Functions.ILike(product.Name, $"%{EscapeLike(Search)}%", @"\"));
        if (!string.IsNullOrWhiteSpace(Category))
        {
            // A name may look like an id.
            Guid? id = Guid.TryParse(Category, out var parsed) ? parsed : null;
            products = products.Where(product => product.Category.Name == Category || product.Category.Id == id);
        }

        var found = await Order(products).Include(product => product.Category).Take(Take + 1).ToListAsync(cancellationToken);
        return found.Count > Take
            ? new Page<Product>(found[..Take], new Position(Question(), found[Take - 1].Id, found[Take - 1].Price, found[Take - 1].Name).Encode())
            : new Page<Product>(found, null);
    }

    /// <summary>From where the last page ended. What is equal stands in the order in which it came.</summary>
    private IQueryable<Product> Order(IQueryable<Product> products)
    {
        var last = Cursor is null ? null : Position.Decode(Cursor);
        var (id, price, name) = (last?.Id ?? default, last?.Price ?? 0, last?.Name ?? "");
        if (last is not null)
        {
            products = Sort switch
            {
                "price" => products.Where(p => EF.Functions.GreaterThan(ValueTuple.Create(p.Price, p.Id), ValueTuple.Create(price, id))),
                "-price" => products.Where(p => EF.Functions.LessThan(ValueTuple.Create(p.Price, p.Id), ValueTuple.Create(price, id))),
                "name" => products.Where(p => EF.Functions.GreaterThan(ValueTuple.Create(p.Name, p.Id), ValueTuple.Create(name, id))),
                "-name" => products.Where(p => EF.Functions.LessThan(ValueTuple.Create(p.Name, p.Id), ValueTuple.Create(name, id))),
                _ => products.Where(p => p.Id < id),
            };
        }

        return Sort switch
        {
            "price" => products.OrderBy(p => p.Price).ThenBy(p => p.Id),
            "-price" => products.OrderByDescending(p => p.Price).ThenByDescending(p => p.Id),
            "name" => products.OrderBy(p => p.Name).ThenBy(p => p.Id),
            "-name" => products.OrderByDescending(p => p.Name).ThenByDescending(p => p.Id),
            _ => products.OrderByDescending(p => p.Id),
        };
    }

    /// <summary>What a cursor belongs to: another search, or another order, is another question.</summary>
    private byte[] Question() => SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(new[] { Search, Category, Sort }))[..8];

    private static string EscapeLike(string text) =>
        text.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("%", @"\%", StringComparison.Ordinal).Replace("_", @"\_", StringComparison.Ordinal);

    /// <summary>Where a page ended.</summary>
    private sealed record Position(byte[] Question, Guid Id, decimal Price, string Name)
    {
        public string Encode() => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(this));

        public static Position? Decode(string cursor)
        {
            try
            {
                return JsonSerializer.Deserialize<Position>(Base64Url.DecodeFromChars(cursor));
            }
            catch (Exception failure) when (failure is FormatException or JsonException)
            {
                return null; // Nothing that was ever given.
            }
        }
    }
}
