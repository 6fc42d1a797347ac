using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Shop.Users;

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
        Assert.Equal(HttpStatusCode.OK, await PutAsync(id, "", new { email, name = "Bo Fry", roles = Values("admin") }));
        Assert.Equal(["customer"], (await GetAsync(id, ""))["roles"]!.AsArray().Select(role => (string)role!)); // no body carries roles
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
        Assert.Equal(HttpStatusCode.NoContent, (await _client.SendAsync(id, HttpMethod.Delete, $"/api/v2/users/{id}/preferences")).StatusCode);
        Assert.Equal(4, (await GetAsync(id, "/preferences"))["notifications"]!.AsArray().Count);
        await shop.EventuallyInAsync<Shop.Notifications.NotificationsDbContext>("notificationsdb", database => database.Wishes.Any(wishes => wishes.UserId == id && wishes.Wanted.Count == 4));
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
        Assert.Equal(HttpStatusCode.Forbidden, (await _client.SubmitOrderAsync(order, "key-1")).StatusCode); // who is no customer buys nothing
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
        var orderId = (Guid)order["id"]!;
        await shop.EventuallyInAsync<Shop.Orders.OrdersDbContext>("ordersdb", database => database.Orders.Any(o => o.Id == orderId && o.PaymentMethod == ""));
        await shop.EventuallyInAsync<Shop.Payments.PaymentsDbContext>("paymentsdb", database => database.Payments.Any(p => p.OrderId == orderId && p.PaymentMethod == ""));
        // The token is still good for a while, and buys nothing.
        Assert.Equal(HttpStatusCode.Forbidden, (await _client.SubmitOrderAsync(ShopClient.OrderFor(id, ShopClient.SeededProduct(42), 1), "key-2")).StatusCode);
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "password", ["client_id"] = "shop-cli", ["username"] = email, ["password"] = password,
        });
        Assert.Equal(HttpStatusCode.BadRequest, (await _client.Http.PostAsync("/connect/token", form, Cancelled)).StatusCode);
    }

    [Fact]
    public async Task Account_ChangedByManyAtOnce_KeepsEveryChange()
    {
        var id = await _client.CreateUserAsync();
        await _client.GetTokenAsync(id);
        var address = new { name = "Ann Lee", line1 = "Kade 1", city = "Delft", postalCode = "2611", country = "NL" };
        var (email, kinds) = ($"{Guid.NewGuid():N}@example.com", Shop.Contracts.NotificationKinds.All);

        var statuses = await Task.WhenAll(Enumerable.Range(0, 6).SelectMany(i => (Task<HttpStatusCode>[])
        [
            PutAsync(id, "", new { email, name = "Bo Fry" }),
            PutAsync(id, "/addresses", new { items = new[] { address } }),
            PutAsync(id, "/preferences", new { notifications = kinds.Take(i % kinds.Count) }),
            SetRolesAsync(id, "customer", "admin"),
        ]));

        Assert.All(statuses, status => Assert.Equal(HttpStatusCode.OK, status));
        var user = await GetAsync(id, "");
        Assert.Equal((email, "Bo Fry"), ((string)user["email"]!, (string)user["name"]!));
        Assert.Equal(["customer", "admin"], user["roles"]!.AsArray().Select(role => (string)role!));
        Assert.Single((await GetAsync(id, "/addresses"))["items"]!.AsArray());
        // Of the preferences the last ones count, here and where they are used.
        var wanted = (await GetAsync(id, "/preferences"))["notifications"]!.AsArray().Select(kind => (string)kind!).ToArray();
        await shop.EventuallyInAsync<Shop.Notifications.NotificationsDbContext>("notificationsdb", database => database.Wishes.Any(w => w.UserId == id && w.Version == 6));
        await shop.EventuallyInAsync<Shop.Notifications.NotificationsDbContext>("notificationsdb", database => database.Wishes.Single(w => w.UserId == id).Wanted.SequenceEqual(wanted));
        Assert.Equal(HttpStatusCode.OK, await SetRolesAsync(id, "customer"));
    }

    [Fact]
    public async Task Delete_ManyAtOnce_IsDoneOnce()
    {
        var id = await _client.CreateUserAsync();
        await _client.GetTokenAsync(id);

        var statuses = await Task.WhenAll(Enumerable.Range(0, 6).Select(async _ => (int)(await _client.SendAsync(id, HttpMethod.Delete, $"/api/v2/users/{id}")).StatusCode));

        Assert.Equal([204, 404, 404, 404, 404, 404], statuses.Order());
    }

    [Fact]
    public async Task Administrators_TheLastTwoGoAtOnce_OneStays()
    {
        var (first, second) = (await _client.CreateUserAsync(), await _client.CreateUserAsync());
        Assert.Equal(HttpStatusCode.OK, await SetRolesAsync(first, "admin"));
        await _client.GetTokenAsync(first); // it says administrator for as long as it lives
        await using var database = new TestDatabase<UsersDbContext>((await shop.App.GetConnectionStringAsync("usersdb", Cancelled))!).Open();
        var others = await database.Users.Where(user => user.Roles.Contains("admin") && user.Id != first).Select(user => user.Id).ToListAsync(Cancelled);
        for (var round = 0; round < 5; round++)
        {
            Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK], [await SetRolesAsync(first, first, "admin"), await SetRolesAsync(first, second, "admin")]);
            await database.Users.Where(user => others.Contains(user.Id)).ExecuteUpdateAsync(user => user.SetProperty(u => u.Roles, ["customer"]), Cancelled);

            var statuses = await Task.WhenAll(SetRolesAsync(first, first, "customer"), SetRolesAsync(first, second, "customer"));

            await database.Users.Where(user => others.Contains(user.Id)).ExecuteUpdateAsync(user => user.SetProperty(u => u.Roles, ["admin", "customer"]), Cancelled);
            Assert.Equal([HttpStatusCode.OK, HttpStatusCode.Conflict], statuses.Order());
        }
    }

    private async Task<HttpStatusCode> SetRolesAsync(Guid id, params string[] roles) =>
        (await _client.Http.PutAsJsonAsync($"/api/v2/users/{id}/roles", new { roles }, Cancelled)).StatusCode;

    private async Task<HttpStatusCode> SetRolesAsync(Guid admin, Guid id, params string[] roles) =>
        (await _client.SendAsync(admin, HttpMethod.Put, $"/api/v2/users/{id}/roles", JsonContent.Create(new { roles }))).StatusCode;

    private static string[] Values(params string[] values) => values;

    private async Task<JsonNode> GetAsync(Guid id, string part) =>
        await ShopClient.ReadAsync(await _client.SendAsync(id, HttpMethod.Get, $"/api/v2/users/{id}{part}"));

    private async Task<HttpStatusCode> PutAsync(Guid id, string part, object body) =>
        (await _client.SendAsync(id, HttpMethod.Put, $"/api/v2/users/{id}{part}", JsonContent.Create(body))).StatusCode;
}
