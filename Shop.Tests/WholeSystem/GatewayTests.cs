using System.Net;
using System.Net.Http.Json;

namespace Shop.Tests.WholeSystem;

/// <summary>What the gateway makes of the services behind it.</summary>
[Collection<SharedShop>]
public sealed class GatewayTests(RunningShop shop)
{
    private readonly ShopClient _client = shop.Client;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task CreateUser_Version1_AnswersInVersion1sWords()
    {
        var email = $"{Guid.NewGuid():N}@example.com";

        var response = await _client.Http.PostAsJsonAsync("/api/v1/users", new { email, name = "Bo Fry", password = "long enough" }, Cancelled);

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        var user = await ShopClient.ReadAsync(response);
        Assert.Equal(["userId", "fullName", "emailAddress", "phone", "createdAt"], user.AsObject().Select(property => property.Key));
        Assert.Equal((email, "Bo Fry"), (user["emailAddress"]!.GetValue<string>(), user["fullName"]!.GetValue<string>()));
        Assert.Equal($"/api/v1/users/{user["userId"]}", response.Headers.Location?.ToString());
        Assert.Equal(user.ToJsonString(), (await _client.GetAsync(response.Headers.Location!.ToString())).ToJsonString());
    }

    [Fact]
    public async Task CreateUser_Version2_AnswersInTheServicesOwnShape()
    {
        var user = await _client.GetAsync($"/api/v2/users/{await _client.CreateUserAsync()}");

        Assert.Equal(["id", "name", "email", "phone", "roles", "createdAt"], user.AsObject().Select(property => property.Key));
    }

    [Fact]
    public async Task CreateUser_EmailTakenInAnotherCase_IsAConflict()
    {
        var name = Guid.NewGuid().ToString("N");
        await _client.Http.PostAsJsonAsync("/api/v1/users", new { email = $"{name}@example.com", name, password = "long enough" }, Cancelled);

        var response = await _client.Http.PostAsJsonAsync(
            "/api/v1/users", new { email = $"{name.ToUpperInvariant()}@Example.com", name, password = "long enough" }, Cancelled);

        Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Gateway_UnknownPath_AnswersWithAProblem()
    {
        var response = await _client.Http.GetAsync("/api/v1/nothing-here", Cancelled);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Products_PageByPage_ListsEachOfTheCatalogueOnce()
    {
        var ids = new List<Guid>();
        var next = "";
        do
        {
            var page = await _client.GetAsync($"/api/v1/products?pageSize=50{next}");
            ids.AddRange(page["items"]!.AsArray().Select(product => product!["id"]!.GetValue<Guid>()));
            next = page["nextCursor"] is { } cursor ? $"&cursor={cursor}" : null;
        }
        while (next is not null);

        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.True(ids.Count >= 100, $"The catalogue has {ids.Count} products.");
    }

    [Theory]
    [InlineData("pageSize=0", "pageSize")]
    [InlineData("pageSize=101", "pageSize")]
    [InlineData("cursor=nonsense", "cursor")]
    public async Task Products_BadPage_NamesTheParameter(string query, string parameter)
    {
        var response = await _client.Http.GetAsync($"/api/v1/products?{query}", Cancelled);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal([parameter], (await ShopClient.ReadAsync(response))["errors"]!.AsObject().Select(error => error.Key));
    }
}
