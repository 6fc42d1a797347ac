using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Shop.Products;
using Shop.Tests.WholeSystem;

namespace Shop.Tests.Products;

/// <summary>A shop that has been running has products already.</summary>
[Collection<SharedShop>]
public sealed class CatalogueMigrationTests(RunningShop shop)
{
    [Fact]
    public async Task Categories_MadeATableOfTheirOwn_AreThoseOfTheProducts()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var database = await shop.CreateDatabaseAsync<ProductsDbContext>();
        await using (var context = database.Open())
        {
            var category = new Category { Name = "Kitchen" };
            foreach (var name in (string[])["Kettle", "Pan"])
                context.Add(new Product().Describe(new ProductDetails(name, "", 1, "EUR", category.Name, null), category));
            await context.SaveChangesAsync(cancellationToken);

            await context.GetService<IMigrator>().MigrateAsync("DurableMessaging", cancellationToken);
            await context.Database.MigrateAsync(cancellationToken);
        }

        await using var migrated = database.Open();
        var products = await migrated.Products.Include(product => product.Category).OrderBy(product => product.Name).ToListAsync(cancellationToken);
        Assert.Equal([("Kettle", "Kitchen"), ("Pan", "Kitchen")], products.Select(product => (product.Name, product.Category.Name)));
        Assert.Single(await migrated.Categories.ToListAsync(cancellationToken));
    }
}
