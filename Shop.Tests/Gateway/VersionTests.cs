using System.Net;
using Microsoft.AspNetCore.Http;

namespace Shop.Tests.Gateway;

/// <summary>Version 1 beside version 2.</summary>
public sealed class VersionTests : IAsyncLifetime
{
    private Backend _backend = null!;
    private TestGateway _gateway = null!;

    public async ValueTask InitializeAsync()
    {
        _backend = await Backend.StartAsync();
        _gateway = TestGateway.Start([("users", _backend.Address), ("products", _backend.Address), ("orders", _backend.Address)]);
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _backend.DisposeAsync();
    }

    [Theory]
    [InlineData("/api/v1/users/1", "/api/v2/users/1")]
    [InlineData("/api/v1/products/1", "/api/v2/products/1")]
    [InlineData("/api/v1/orders?pageSize=3", "/api/v2/orders")]
    public async Task Version1_WithASuccessor_SaysThatItIsDeprecated(string path, string successor)
    {
        using var response = await _gateway.SendAsync(HttpMethod.Get, path, Guid.NewGuid());

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("@1796083200", response.Headers.GetValues("Deprecation").Single());
        Assert.Equal("Wed, 01 Dec 2027 00:00:00 GMT", response.Headers.GetValues("Sunset").Single());
        Assert.Equal($"<{successor}>; rel=\"successor-version\"", response.Headers.GetValues("Link").Single());
    }

    [Theory]
    [InlineData("/api/v2/users/1")]
    [InlineData("/api/v2/products/1")]
    [InlineData("/api/v2/orders/1")]
    [InlineData("/api/v1/orders/1/timeline")]
    public async Task Route_WithoutASuccessor_SaysNothing(string path)
    {
        using var response = await _gateway.SendAsync(HttpMethod.Get, path, Guid.NewGuid());

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.False(response.Headers.Contains("Deprecation") || response.Headers.Contains("Sunset") || response.Headers.Contains("Link"));
    }

    [Fact]
    public async Task UserVersion1_IsAskedForAndMadeOfVersion2()
    {
        _backend.Answer = context =>
        {
            context.Response.Headers.Location = context.Request.Path.Value;
            return context.Response.WriteAsJsonAsync(new { id = "1", name = "Ann", email = "ann@example.com" });
        };

        using var response = await _gateway.SendAsync(HttpMethod.Get, "/api/v1/users/1");

        Assert.Equal("/api/v1/users/1", response.Headers.Location?.ToString());
        Assert.Equal(
            """{"userId":"1","fullName":"Ann","emailAddress":"ann@example.com","phone":null,"createdAt":null}""",
            await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
