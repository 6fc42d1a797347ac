using System.Globalization;
using Microsoft.EntityFrameworkCore;

namespace Shop.Products;

/// <summary>The catalogue that a new shop starts with: catalogue.csv, of which Inventory stocks every product.</summary>
internal static class SeedCatalogue
{
    public static async Task AddAsync(ProductsDbContext database, CancellationToken cancellationToken)
    {
        if (await database.Products.IgnoreQueryFilters().AnyAsync(cancellationToken))
            return;

        using var file = new StreamReader(typeof(SeedCatalogue).Assembly.GetManifestResourceStream("catalogue.csv")!);
        await file.ReadLineAsync(cancellationToken); // the header
        var categories = new Dictionary<string, Category>();
        while (await file.ReadLineAsync(cancellationToken) is { } line)
        {
            var fields = line.Split(';');
            var details = new ProductDetails(
                fields[1], fields[4], decimal.Parse(fields[3], CultureInfo.InvariantCulture), "EUR", fields[2], ImageUrl: null);
            if (!categories.TryGetValue(details.Category, out var category))
                categories[details.Category] = category = new Category { Name = details.Category };
            database.Add(new Product { Id = Guid.Parse(fields[0]), Available = true }.Describe(details, category));
        }

        await database.SaveChangesAsync(cancellationToken);
    }
}
