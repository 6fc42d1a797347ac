using Grpc.Core;
using Npgsql;
using Shop.ServiceDefaults;

namespace Shop.Tests.ServiceDefaults;

public sealed class UnavailableInterceptorTests
{
    private readonly UnavailableInterceptor _interceptor = new();

    [Fact]
    public async Task Call_DatabaseIsAway_IsUnavailable()
    {
        var away = new InvalidOperationException("The query failed.", new NpgsqlException("No connection.", new IOException()));

        Assert.Equal(StatusCode.Unavailable, (await Assert.ThrowsAsync<RpcException>(() => CallAsync(away))).StatusCode);
    }

    [Fact]
    public async Task Call_ServiceIsAtFault_IsNotUnavailable()
    {
        var fault = new InvalidOperationException("A mistake.");

        Assert.Same(fault, await Assert.ThrowsAsync<InvalidOperationException>(() => CallAsync(fault)));
    }

    private Task<string> CallAsync(Exception failure) =>
        _interceptor.UnaryServerHandler<string, string>("question", null!, (_, _) => Task.FromException<string>(failure));
}
