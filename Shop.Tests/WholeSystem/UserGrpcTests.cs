extern alias orders;

using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Grpc.Core;
using Grpc.Net.Client;
using UserServiceClient = orders::Shop.Users.Grpc.UserService.UserServiceClient;
using Wire = orders::Shop.Users.Grpc;

namespace Shop.Tests.WholeSystem;

/// <summary>What Users tells the other services, and nobody else.</summary>
[Collection<SharedShop>]
public sealed class UserGrpcTests : IDisposable
{
    private readonly RunningShop _shop;
    private readonly GrpcChannel _channel;
    private readonly UserServiceClient _users;

    public UserGrpcTests(RunningShop shop)
    {
        _shop = shop;
        _channel = GrpcChannel.ForAddress(shop.App.GetEndpoint("users", "grpc"));
        _users = new UserServiceClient(_channel);
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _channel.Dispose();

    [Fact]
    public async Task Call_NotByAService_IsRefused()
    {
        var request = new Wire.GetUserRequest { UserId = (await _shop.Client.CreateUserAsync()).ToString() };

        Assert.Equal(StatusCode.Unauthenticated, await FailureAsync(_users.GetUserAsync(request, cancellationToken: Cancelled)));
        var customer = Bearer(await _shop.Client.GetTokenAsync(Guid.Parse(request.UserId)));
        Assert.Equal(StatusCode.PermissionDenied, await FailureAsync(_users.GetUserAsync(request, customer, cancellationToken: Cancelled)));
        Assert.Equal("Ann Lee", (await _users.GetUserAsync(request, await ServiceAsync(), cancellationToken: Cancelled)).Name);
    }

    [Theory]
    [InlineData("products", "shop.products.v1.ProductService", "GetProducts")]
    [InlineData("orders", "shop.orders.v1.OrderService", "GetOwner")]
    public async Task Call_OfAnotherServiceNotByAService_IsRefused(string resource, string service, string name)
    {
        using var channel = GrpcChannel.ForAddress(_shop.App.GetEndpoint(resource, "grpc"));
        var bytes = Marshallers.Create(static (byte[] value) => value, static value => value);
        var method = new Method<byte[], byte[]>(MethodType.Unary, service, name, bytes, bytes);

        Assert.Equal(StatusCode.Unauthenticated, await CallAsync([]));
        Assert.Equal(StatusCode.PermissionDenied, await CallAsync(Bearer(await _shop.Client.GetTokenAsync(await _shop.Client.CreateUserAsync()))));
        Assert.DoesNotContain(await CallAsync(await ServiceAsync()), new[] { StatusCode.Unauthenticated, StatusCode.PermissionDenied, StatusCode.Unimplemented });

        async Task<StatusCode> CallAsync(Metadata caller)
        {
            using var call = channel.CreateCallInvoker().AsyncUnaryCall(method, null, new CallOptions(caller, cancellationToken: Cancelled), []);
            try
            {
                await call;
                return StatusCode.OK;
            }
            catch (RpcException failure)
            {
                return failure.StatusCode;
            }
        }
    }

    [Fact]
    public async Task GetUser_NoCustomerAnyMore_IsNotActive()
    {
        var (id, service) = (await _shop.Client.CreateUserAsync(), await ServiceAsync());
        var request = new Wire.GetUserRequest { UserId = id.ToString() };
        Assert.True((await _users.GetUserAsync(request, service, cancellationToken: Cancelled)).Active);

        using var changed = await ShopClient.RepeatAsync(() =>
            _shop.Client.Http.PutAsJsonAsync($"/api/v2/users/{id}/roles", new JsonObject { ["roles"] = new JsonArray("admin") }, Cancelled));
        Assert.Equal(System.Net.HttpStatusCode.OK, changed.StatusCode);

        Assert.False((await _users.GetUserAsync(request, service, cancellationToken: Cancelled)).Active);
    }

    [Fact]
    public async Task CreateUser_ByAService_IsAsByAnyone()
    {
        var service = await ServiceAsync();
        var request = new Wire.CreateUserRequest { Email = $"{Guid.NewGuid():N}@example.com", Name = "Bo Fry", Password = "correct horse battery" };

        var user = await _users.CreateUserAsync(request, service, cancellationToken: Cancelled);

        Assert.Equal("Bo Fry", (string)(await _shop.Client.GetAsync($"/api/v2/users/{user.UserId}"))["name"]!);
        Assert.Equal(StatusCode.AlreadyExists, await FailureAsync(_users.CreateUserAsync(request, service, cancellationToken: Cancelled)));
        request.Email = "nonsense";
        Assert.Equal(StatusCode.InvalidArgument, await FailureAsync(_users.CreateUserAsync(request, service, cancellationToken: Cancelled)));
    }

    [Fact]
    public async Task WatchUsers_FromAPosition_TellsEachLaterChangeInOrder()
    {
        var service = await ServiceAsync();
        var first = (await _shop.Client.CreateUserAsync()).ToString();
        using var watch = _users.WatchUsers(new Wire.WatchUsersRequest(), service, cancellationToken: Cancelled);
        var seen = await NextAsync(watch, first);
        Assert.Equal("Ann Lee", seen.User.Name);

        var second = (await _shop.Client.CreateUserAsync()).ToString();
        await NextAsync(watch, second); // while it is watched
        Assert.Equal(System.Net.HttpStatusCode.NoContent, (await _shop.Client.Http.DeleteAsync($"/api/v2/users/{second}", Cancelled)).StatusCode);
        Assert.Null((await NextAsync(watch, second)).User);

        using var resumed = _users.WatchUsers(new Wire.WatchUsersRequest { Position = seen.Position }, service, cancellationToken: Cancelled);
        Assert.True(await resumed.ResponseStream.MoveNext(Cancelled));
        Assert.Equal(second, resumed.ResponseStream.Current.UserId);
    }

    private static async Task<Wire.UserChange> NextAsync(AsyncServerStreamingCall<Wire.UserChange> watch, string userId)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        patience.CancelAfter(Messaging.Eventually.Patience);
        while (await watch.ResponseStream.MoveNext(patience.Token))
        {
            if (watch.ResponseStream.Current.UserId == userId)
                return watch.ResponseStream.Current;
        }

        throw new InvalidOperationException("The watch has ended.");
    }

    private static async Task<StatusCode> FailureAsync<T>(AsyncUnaryCall<T> call) => (await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync)).StatusCode;

    private static Metadata Bearer(string token) => new() { { "Authorization", $"Bearer {token}" } };

    private async Task<Metadata> ServiceAsync()
    {
        using var response = await ShopClient.RepeatAsync(async () =>
        {
            using var form = new FormUrlEncodedContent(new Dictionary<string, string>
            {
                ["grant_type"] = "client_credentials", ["client_id"] = "orders", ["client_secret"] = RunningShop.OrdersSecret, ["scope"] = "shop.internal",
            });
            return await _shop.Client.Http.PostAsync("/connect/token", form, Cancelled);
        });
        return Bearer((string)(await ShopClient.ReadAsync(response))["access_token"]!);
    }
}
