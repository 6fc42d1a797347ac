using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Shop.Tests.WholeSystem;

/// <summary>What users can do with their accounts, and what is left of them.</summary>
[Collection<SharedShop>]
public sealed class UserTests(RunningShop shop)
{
    private readonly ShopClient _client = shop.Client;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Profile_Changed_IsAsItWasPut()
    {
        var id = await _client.CreateUserAsync();
        var email = $"{Guid.NewGuid():N}@example.com";

        Assert.Equal(HttpStatusCode.OK, await PutAsync(id, "", new { email, name = "Bo Fry", phone = "+31 15 1234567" }));

        var user = await GetAsync(id, "");
        Assert.Equal((email, "Bo Fry", "+31 15 1234567"), ((string)user["email"]!, (string)user["name"]!, (string)user["phone"]!));
        Assert.Equal(HttpStatusCode.BadRequest, await PutAsync(id, "", new { email = "nonsense", name = "Bo Fry" }));
        Assert.Equal(HttpStatusCode.Conflict, await PutAsync(id, "", new { email = "DEMO@shop.local", name = "Bo Fry" }));
    }

    [Fact]
    public async Task Addresses_Put_AreKeptAndDeleted()
    {
        var id = await _client.CreateUserAsync();
        var address = new { name = "Ann Lee", line1 = "Kade 1", line2 = (string?)null, city = "Delft", postalCode = "2611", country = "NL" };

        Assert.Equal(HttpStatusCode.OK, await PutAsync(id, "/addresses", new { items = new[] { address } }));

        Assert.Equal("Kade 1", (string)(await GetAsync(id, "/addresses"))["items"]![0]!["line1"]!);
        Assert.Equal(HttpStatusCode.BadRequest, await PutAsync(id, "/addresses", new { items = new[] { address with { country = "Netherlands" } } }));
        Assert.Equal(HttpStatusCode.NoContent, (await _client.SendAsync(id, HttpMethod.Delete, $"/api/v1/users/{id}/addresses")).StatusCode);
        Assert.Empty((await GetAsync(id, "/addresses"))["items"]!.AsArray());
    }

    [Fact]
    public async Task Preferences_OneKindNotWanted_ThatOneIsNotTold()
    {
        var id = await _client.CreateUserAsync();
        Assert.Equal(4, (await GetAsync(id, "/preferences"))["notifications"]!.AsArray().Count);
        Assert.Equal(HttpStatusCode.OK, await PutAsync(id, "/preferences", new { notifications = Values("OrderCancelled") }));
        Assert.Equal(HttpStatusCode.BadRequest, await PutAsync(id, "/preferences", new { notifications = Values("Weather") }));
        await shop.EventuallyInAsync<Shop.Notifications.NotificationsDbContext>("notificationsdb", database => database.Wishes.Any(wishes => wishes.UserId == id));

        var order = await _client.PlaceOrderAsync(ShopClient.OrderFor(id, ShopClient.SeededProduct(40), 1));
        Assert.Equal(HttpStatusCode.Accepted, (await _client.SendAsync(id, HttpMethod.Post, $"/api/v1/orders/{order["id"]}/cancellation")).StatusCode);

        Assert.Equal(["OrderCancelled"], await _client.GetNotificationsAsync(id, 1));
    }

    [Fact]
    public async Task Roles_GivenAndTaken_CountFromTheNextToken()
    {
        var id = await _client.CreateUserAsync();
        Assert.Equal(HttpStatusCode.Forbidden, (await _client.SendAsync(id, HttpMethod.Get, "/api/v1/users")).StatusCode);

        Assert.Equal(HttpStatusCode.OK, (await _client.Http.PutAsJsonAsync($"/api/v1/users/{id}/roles", new { roles = Values("admin") }, Cancelled)).StatusCode);
        _client.ForgetToken(id);

        Assert.Equal(HttpStatusCode.OK, (await _client.SendAsync(id, HttpMethod.Get, "/api/v1/users")).StatusCode);
        var order = ShopClient.OrderFor(id, ShopClient.SeededProduct(41), 1);
        Assert.Equal(HttpStatusCode.Forbidden, (await _client.PostOrderAsync(order, "key-1")).StatusCode); // who is no customer buys nothing
        Assert.Equal(HttpStatusCode.BadRequest, (await _client.Http.PutAsJsonAsync($"/api/v1/users/{id}/roles", new { roles = Values("king") }, Cancelled)).StatusCode);
    }

    [Fact]
    public async Task Register_BodyAsksForRoles_GetsNone()
    {
        var email = $"{Guid.NewGuid():N}@example.com";
        var response = await _client.Http.PostAsJsonAsync(
            "/api/v2/users", new { email, name = "Eve", password = "correct horse battery", roles = Values("admin") }, Cancelled);

        Assert.Equal(["customer"], (await ShopClient.ReadAsync(response))["roles"]!.AsArray().Select(role => (string)role!));
    }

    [Fact]
    public async Task Delete_UserWithOrders_ErasesWhatIsPersonalAndKeepsTheOrders()
    {
        var id = await _client.CreateUserAsync();
        var (email, password) = _client.GetCredentials(id);
        var order = await _client.PlaceOrderAsync(ShopClient.OrderFor(id, ShopClient.SeededProduct(42), 1));
        await _client.SendAsync(id, HttpMethod.Post, $"/api/v1/orders/{order["id"]}/cancellation");
        await _client.EventuallyAsync($"/api/v1/orders/{order["id"]}", o => (string)o["status"]! == "Cancelled");

        Assert.Equal(HttpStatusCode.NoContent, (await _client.SendAsync(id, HttpMethod.Delete, $"/api/v1/users/{id}")).StatusCode);

        Assert.Equal(HttpStatusCode.NotFound, await _client.GetStatusAsync($"/api/v1/users/{id}"));
        var erased = await _client.EventuallyAsync($"/api/v1/orders/{order["id"]}", o => (string)o["shippingAddress"]!["name"]! == "");
        Assert.Equal("", (string)erased["shippingAddress"]!["line1"]!);
        Assert.Equal(id, (Guid)erased["userId"]!);
        await _client.EventuallyAsync($"/api/v1/users/{id}/notifications", page => page["items"]!.AsArray().Count == 0);
        await shop.EventuallyInAsync<Shop.Shipping.ShippingDbContext>(
            "shippingdb", database => database.Shipments.Any(shipment => shipment.OrderId == (Guid)order["id"]! && shipment.Address == Shop.Contracts.PostalAddress.Erased));
        // The token is still good for a while, and buys nothing.
        Assert.Equal(HttpStatusCode.Forbidden, (await _client.PostOrderAsync(ShopClient.OrderFor(id, ShopClient.SeededProduct(42), 1), "key-2")).StatusCode);
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "password", ["client_id"] = "shop-cli", ["username"] = email, ["password"] = password,
        });
        Assert.Equal(HttpStatusCode.BadRequest, (await _client.Http.PostAsync("/connect/token", form, Cancelled)).StatusCode);
    }

    private static string[] Values(params string[] values) => values;

    private async Task<JsonNode> GetAsync(Guid id, string part) =>
        await ShopClient.ReadAsync(await _client.SendAsync(id, HttpMethod.Get, $"/api/v2/users/{id}{part}"));

    private async Task<HttpStatusCode> PutAsync(Guid id, string part, object body) =>
        (await _client.SendAsync(id, HttpMethod.Put, $"/api/v2/users/{id}{part}", JsonContent.Create(body))).StatusCode;
}
