using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Shop.Inventory;
using Shop.Products;

namespace Shop.Tests.WholeSystem;

/// <summary>The catalogue: read by anyone, changed by administrators, in two versions.</summary>
[Collection<SharedShop>]
public sealed class ProductTests(RunningShop shop)
{
    private readonly ShopClient _client = shop.Client;

    /// <summary>A category that no other test has products in.</summary>
    private readonly string _category = $"Shelf {Guid.NewGuid():N}";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Product_Created_IsThereInBothVersionsAndInInventory()
    {
        using var created = await SendAsync(HttpMethod.Post, "/api/v1/products", Version1("Lamp", 19.99m));

        var product = await ReadAsync(created, HttpStatusCode.Created);
        Assert.Equal($"/api/v1/products/{product["id"]}", created.Headers.Location?.ToString());
        Assert.Equal(["id", "name", "description", "price", "currency", "category", "available"], product.AsObject().Select(property => property.Key));
        using var read = await _client.Http.GetAsync(created.Headers.Location, Cancelled);
        Assert.Equal(product.ToJsonString(), (await ReadAsync(read)).ToJsonString());
        Assert.Equal(created.Headers.ETag, read.Headers.ETag);
        var version2 = await _client.GetAsync($"/api/v2/products/{product["id"]}");
        Assert.Equal(["id", "name", "description", "price", "category", "imageUrl", "links"], version2.AsObject().Select(property => property.Key));
        Assert.Equal("""{"amount":19.99,"currency":"EUR"}""", version2["price"]!.ToJsonString());
        Assert.Equal(_category, version2["category"]!["name"]!.GetValue<string>());
        Assert.Equal($"/api/v2/products/{product["id"]}", version2["links"]!["self"]!.GetValue<string>());

        var id = product["id"]!.GetValue<Guid>();
        await Messaging.Eventually.IsTrue(async () => await _client.GetStatusAsync($"/api/v1/inventory/{id}") == HttpStatusCode.OK);
        Assert.Equal((0, 0, 0), await _client.GetStockAsync(id));
        await _client.SetStockAsync(id, 3);
        await _client.EventuallyAsync($"/api/v1/products/{id}", shown => shown["available"]!.GetValue<bool>());
        var order = await _client.PlaceOrderAsync(ShopClient.OrderFor(await _client.CreateUserAsync(), id, 2));
        Assert.Equal("Confirmed", order["status"]!.GetValue<string>());
    }

    [Fact]
    public async Task Product_CreatedInVersion2_MayBeSentBackWithChanges()
    {
        var body = new JsonObject
        {
            ["name"] = "Lamp",
            ["description"] = "A light",
            ["price"] = new JsonObject { ["amount"] = 5, ["currency"] = "EUR" },
            ["category"] = new JsonObject { ["name"] = _category },
            ["imageUrl"] = "https://images.example.com/lamp.jpg",
        };
        using var created = await SendAsync(HttpMethod.Post, "/api/v2/products", body);
        var product = await ReadAsync(created, HttpStatusCode.Created);
        Assert.Equal(product["links"]!["self"]!.GetValue<string>(), created.Headers.Location?.ToString());
        product["price"]!["amount"] = 6;

        using var changed = await SendAsync(HttpMethod.Put, created.Headers.Location!.ToString(), product, created.Headers.ETag!.Tag);

        Assert.Equal(product.ToJsonString(), (await ReadAsync(changed)).ToJsonString());
        // Version 1 knows of no picture, and takes none away.
        using var changedAgain = await SendAsync(HttpMethod.Put, $"/api/v1/products/{product["id"]}", Version1("Desk lamp", 7), changed.Headers.ETag!.Tag);
        await ReadAsync(changedAgain);
        var now = await _client.GetAsync(created.Headers.Location.ToString());
        Assert.Equal(("Desk lamp", "https://images.example.com/lamp.jpg"), (now["name"]!.GetValue<string>(), now["imageUrl"]!.GetValue<string>()));
    }

    [Theory]
    [InlineData("v1")]
    [InlineData("v2")]
    public async Task Product_Unchanged_IsNotSentAgain(string version)
    {
        var path = $"/api/{version}/products/{await CreateAsync("Lamp", 1)}";
        using var first = await _client.Http.GetAsync(path, Cancelled);

        using var again = await SendAsync(HttpMethod.Get, path, ifNoneMatch: first.Headers.ETag!.ToString());
        using var other = await SendAsync(HttpMethod.Get, path, ifNoneMatch: "\"another\"");

        Assert.Equal((HttpStatusCode.NotModified, HttpStatusCode.OK), (again.StatusCode, other.StatusCode));
        Assert.Equal(first.Headers.ETag, again.Headers.ETag);
        Assert.Empty(await again.Content.ReadAsByteArrayAsync(Cancelled));
    }

    [Theory]
    [InlineData("PUT", null, 428)]
    [InlineData("PUT", "\"another\"", 412)]
    [InlineData("PUT", "nonsense", 412)]
    [InlineData("DELETE", null, 428)]
    [InlineData("DELETE", "\"another\"", 412)]
    public async Task Change_WithoutTheVersionItIsOf_IsRefused(string method, string? ifMatch, int status)
    {
        var path = $"/api/v1/products/{await CreateAsync("Lamp", 1)}";

        using var response = await SendAsync(new HttpMethod(method), path, method == "PUT" ? Version1("Hat", 2) : null, ifMatch);

        await ReadAsync(response, (HttpStatusCode)status);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal("Lamp", (await _client.GetAsync(path))["name"]!.GetValue<string>());
    }

    [Fact]
    public async Task Change_SoldOutMeanwhile_IsMadeAllTheSame()
    {
        var id = await CreateAsync("Lamp", 1);
        var path = $"/api/v1/products/{id}";
        await _client.SetStockAsync(id, 1);
        await _client.EventuallyAsync(path, product => product["available"]!.GetValue<bool>());
        using var read = await _client.Http.GetAsync(path, Cancelled);

        await _client.SetStockAsync(id, 0);
        await _client.EventuallyAsync(path, product => !product["available"]!.GetValue<bool>());

        using var readAgain = await SendAsync(HttpMethod.Get, path, ifNoneMatch: read.Headers.ETag!.Tag);
        Assert.Equal(HttpStatusCode.OK, readAgain.StatusCode); // version 1 shows it
        using var changed = await SendAsync(HttpMethod.Put, path, Version1("Hat", 2), read.Headers.ETag!.Tag);
        await ReadAsync(changed);
        using var overtaken = await SendAsync(HttpMethod.Put, path, Version1("Cap", 2), readAgain.Headers.ETag!.Tag);
        await ReadAsync(overtaken, HttpStatusCode.PreconditionFailed);
    }

    [Fact]
    public async Task Change_Overtaken_LeavesNoEmptyCategory()
    {
        var path = $"/api/v1/products/{await CreateAsync("Lamp", 1)}";
        using var read = await _client.Http.GetAsync(path, Cancelled);
        var shelves = Enumerable.Range(0, 8).Select(number => $"{_category} {number}").ToArray();

        await Task.WhenAll(shelves.Select(async shelf =>
        {
            var product = Version1("Lamp", 2);
            product["category"] = shelf;
            using var response = await SendAsync(HttpMethod.Put, path, product, read.Headers.ETag!.Tag);
        }));

        await using var database = new TestDatabase<ProductsDbContext>((await shop.App.GetConnectionStringAsync("productsdb", Cancelled))!).Open();
        Assert.Single(await database.Categories.Where(category => shelves.Contains(category.Name)).ToListAsync(Cancelled));
    }

    [Fact]
    public async Task Stock_OfAProductThatIsNoneOrIsDeleted_IsNotFound()
    {
        var (never, deleted) = (Guid.CreateVersion7(), await CreateAsync("Lamp", 1));
        await _client.SetStockAsync(deleted, 1);
        using var gone = await SendAsync(HttpMethod.Delete, $"/api/v1/products/{deleted}", ifMatch: "*");

        foreach (var id in new[] { never, deleted })
        {
            using var response = await SendAsync(HttpMethod.Put, $"/api/v1/inventory/{id}", new JsonObject { ["onHand"] = 5 });
            await ReadAsync(response, HttpStatusCode.NotFound);
        }

        Assert.Equal(HttpStatusCode.NotFound, await _client.GetStatusAsync($"/api/v1/inventory/{never}"));
    }

    [Fact]
    public async Task Stock_CountedBelowWhatIsHeld_IsRefused()
    {
        var id = await CreateAsync("Lamp", 1);
        await _client.SetStockAsync(id, 3);
        await using (var database = new TestDatabase<InventoryDbContext>((await shop.App.GetConnectionStringAsync("inventorydb", Cancelled))!).Open())
            await database.Stock.Where(item => item.ProductId == id).ExecuteUpdateAsync(item => item.SetProperty(i => i.Held, 2), Cancelled);

        using var refused = await SendAsync(HttpMethod.Put, $"/api/v1/inventory/{id}", new JsonObject { ["onHand"] = 1 });

        await ReadAsync(refused, HttpStatusCode.Conflict);
        Assert.Equal((3, 2, 1), await _client.GetStockAsync(id));
        await _client.SetStockAsync(id, 2);
    }

    [Fact]
    public async Task Change_ManyOfTheSameVersionAtOnce_OneIsMade()
    {
        var path = $"/api/v1/products/{await CreateAsync("Lamp", 1)}";
        using var read = await _client.Http.GetAsync(path, Cancelled);

        var statuses = await Task.WhenAll(Enumerable.Range(2, 8).Select(async price =>
        {
            using var response = await SendAsync(HttpMethod.Put, path, Version1("Lamp", price), read.Headers.ETag!.Tag);
            return (int)response.StatusCode;
        }));

        Assert.Equal([200, 412, 412, 412, 412, 412, 412, 412], statuses.Order());
    }

    [Fact]
    public async Task Product_Deleted_IsGoneAndCannotBeOrdered_OrdersKeepTheirLine()
    {
        var id = await CreateAsync("Lamp", 2);
        await _client.SetStockAsync(id, 10);
        var user = await _client.CreateUserAsync();
        var order = await _client.PlaceOrderAsync(ShopClient.OrderFor(user, id, 2));

        using var deleted = await SendAsync(HttpMethod.Delete, $"/api/v2/products/{id}", ifMatch: "*");

        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, await _client.GetStatusAsync($"/api/v1/products/{id}"));
        Assert.Equal(HttpStatusCode.NotFound, await _client.GetStatusAsync($"/api/v2/products/{id}"));
        using var again = await SendAsync(HttpMethod.Delete, $"/api/v1/products/{id}", ifMatch: "*");
        Assert.Equal(HttpStatusCode.NotFound, again.StatusCode);
        Assert.Empty(await NamesAsync(""));
        using var refused = await _client.SubmitOrderAsync(ShopClient.OrderFor(user, id, 1), Guid.NewGuid().ToString());
        Assert.Equal(["items[0].productId"], (await ReadAsync(refused, HttpStatusCode.BadRequest))["errors"]!.AsObject().Select(error => error.Key));
        Assert.Equal("Lamp", (await _client.GetAsync($"/api/v1/orders/{order["id"]}"))["items"]![0]!["name"]!.GetValue<string>());
    }

    public static TheoryData<string, string, Action<JsonObject>> BadProducts => new()
    {
        { "v1", "name", product => product.Remove("name") },
        { "v1", "name", product => product["name"] = new string('x', 201) },
        { "v1", "price", product => product["price"] = 0 },
        { "v1", "price", product => product["price"] = 1.999 },
        { "v1", "price", product => product["price"] = "cheap" },
        { "v1", "currency", product => product["currency"] = "euro" },
        { "v1", "category", product => product["category"] = "" },
        { "v2", "price", product => product.Remove("price") },
        { "v2", "price.amount", product => product["price"]!["amount"] = -1 },
        { "v2", "price.currency", product => product["price"]!["currency"] = "euro" },
        { "v2", "category.name", product => product["category"]!["name"] = null },
        { "v2", "imageUrl", product => product["imageUrl"] = "javascript:alert(1)" },
    };

    [Theory]
    [MemberData(nameof(BadProducts), DisableDiscoveryEnumeration = true)]
    public async Task Product_BadField_IsNamed(string version, string field, Action<JsonObject> spoil)
    {
        var product = version == "v1" ? Version1("Lamp", 1) : new JsonObject
        {
            ["name"] = "Lamp",
            ["description"] = "A light",
            ["price"] = new JsonObject { ["amount"] = 5, ["currency"] = "EUR" },
            ["category"] = new JsonObject { ["name"] = _category },
        };
        spoil(product);

        using var response = await SendAsync(HttpMethod.Post, $"/api/{version}/products", product);

        Assert.Equal([field], (await ReadAsync(response, HttpStatusCode.BadRequest))["errors"]!.AsObject().Select(error => error.Key));
    }

    [Theory]
    [InlineData("", new[] { "Cap", "Bag", "apple", "Arm", "Bag" })]
    [InlineData("sort=price", new[] { "Arm", "Bag", "Bag", "apple", "Cap" })]
    [InlineData("sort=-price", new[] { "Cap", "apple", "Bag", "Bag", "Arm" })]
    [InlineData("sort=name", new[] { "apple", "Arm", "Bag", "Bag", "Cap" })]
    [InlineData("sort=name&search=a%67", new[] { "Bag", "Bag" })]
    [InlineData("sort=-name&search=AP", new[] { "Cap", "apple" })]
    public async Task Products_SearchedAndSorted_ComePageByPageEachOnce(string query, string[] expected)
    {
        foreach (var (name, price) in new[] { ("Bag", 2m), ("Arm", 1m), ("apple", 3m), ("Bag", 2m), ("Cap", 3m) })
            await CreateAsync(name, price);

        Assert.Equal(expected, await NamesAsync(query));
    }

    [Fact]
    public async Task Products_ByTheIdOfTheirCategory_AreFound()
    {
        var id = await CreateAsync("Lamp", 1);
        var category = (await _client.GetAsync($"/api/v2/products/{id}"))["category"]!["id"];

        var found = await _client.GetAsync($"/api/v2/products?category={category}");

        Assert.Equal(id, Assert.Single(found["items"]!.AsArray())!["id"]!.GetValue<Guid>());
    }

    [Fact]
    public async Task Products_ByACategoryThatIsCalledLikeAnId_AreFound()
    {
        var product = Version1("Lamp", 1);
        product["category"] = Guid.NewGuid().ToString();
        using var created = await SendAsync(HttpMethod.Post, "/api/v1/products", product);

        var found = await _client.GetAsync($"/api/v1/products?category={product["category"]}");

        Assert.Equal((await ReadAsync(created, HttpStatusCode.Created))["id"]!.GetValue<Guid>(), Assert.Single(found["items"]!.AsArray())!["id"]!.GetValue<Guid>());
    }

    [Theory]
    [InlineData("sort=name")]
    [InlineData("sort=-price")]
    [InlineData("")]
    [InlineData("sort=price&search=lamp")]
    [InlineData("sort=price&category=Kitchen")]
    public async Task Products_CursorOfAnotherQuestion_IsRefused(string query)
    {
        var cursor = (await _client.GetAsync("/api/v1/products?sort=price&pageSize=1"))["nextCursor"];

        using var response = await _client.Http.GetAsync($"/api/v1/products?{query}&cursor={cursor}", Cancelled);

        Assert.Equal(["cursor"], (await ReadAsync(response, HttpStatusCode.BadRequest))["errors"]!.AsObject().Select(error => error.Key));
        await _client.GetAsync($"/api/v2/products?sort=price&cursor={cursor}"); // the versions tell the same list
    }

    [Fact]
    public async Task Products_UnknownOrder_IsRefused()
    {
        using var response = await _client.Http.GetAsync("/api/v1/products?sort=color", Cancelled);

        Assert.Equal(["sort"], (await ReadAsync(response, HttpStatusCode.BadRequest))["errors"]!.AsObject().Select(error => error.Key));
    }

    private JsonObject Version1(string name, decimal price) => new()
    {
        ["name"] = name, ["description"] = "A light", ["price"] = price, ["currency"] = "EUR", ["category"] = _category,
    };

    private async Task<Guid> CreateAsync(string name, decimal price)
    {
        using var created = await SendAsync(HttpMethod.Post, "/api/v1/products", Version1(name, price));
        return (await ReadAsync(created, HttpStatusCode.Created))["id"]!.GetValue<Guid>();
    }

    /// <summary>The names of this test's products, two a page.</summary>
    private async Task<List<string>> NamesAsync(string query)
    {
        var names = new List<string>();
        var next = "";
        do
        {
            var page = await _client.GetAsync($"/api/v1/products?pageSize=2&category={Uri.EscapeDataString(_category)}&{query}{next}");
            names.AddRange(page["items"]!.AsArray().Select(product => product!["name"]!.GetValue<string>()));
            next = page["nextCursor"] is { } cursor ? $"&cursor={cursor}" : null;
        }
        while (next is not null);
        return names;
    }

    private async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, JsonNode? body = null, string? ifMatch = null, string? ifNoneMatch = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        if (ifMatch is not null)
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        if (ifNoneMatch is not null)
            request.Headers.TryAddWithoutValidation("If-None-Match", ifNoneMatch);
        return await _client.Http.SendAsync(request, Cancelled);
    }

    private static async Task<JsonNode> ReadAsync(HttpResponseMessage response, HttpStatusCode expected = HttpStatusCode.OK)
    {
        var body = await ShopClient.ReadAsync(response);
        Assert.True(response.StatusCode == expected, $"{(int)response.StatusCode}: {body.ToJsonString()}");
        return body;
    }
}
