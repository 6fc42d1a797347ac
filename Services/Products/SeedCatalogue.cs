using System.Globalization;
using Microsoft.EntityFrameworkCore;

namespace Shop.Products;

/// <summary>The catalogue that a new shop starts with: catalogue.csv, of which Inventory stocks every product.</summary>
internal static class SeedCatalogue
{
    public static async Task AddAsync(ProductsDbContext database, CancellationToken cancellationToken)
    {
        if (await database.Products.AnyAsync(cancellationToken))
            return;

        using var file = new StreamReader(typeof(SeedCatalogue).Assembly.GetManifestResourceStream("catalogue.csv")!);
        await file.ReadLineAsync(cancellationToken); // the header
        while (await file.ReadLineAsync(cancellationToken) is { } line)
        {
            var fields = line.Split(';');
            database.Add(new Product
            {
                Id = Guid.Parse(fields[0]),
                Name = fields[1],
                Category = fields[2],
                Price = decimal.Parse(fields[3], CultureInfo.InvariantCulture),
                Currency = "EUR",
                Description = fields[4],
                Available = true,
            });
        }

        await database.SaveChangesAsync(cancellationToken);
    }
}
