using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Shop.Tests.Gateway;

/// <summary>Version 1 beside version 2.</summary>
public sealed class VersionTests : IAsyncLifetime
{
    private static readonly string[] Wrong = ["wrong"];

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
    [InlineData("/api/v1/users/1/addresses", "/api/v2/users/1/addresses")]
    [InlineData("/api/v1/users/1/preferences", "/api/v2/users/1/preferences")]
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

        using var response = await _gateway.SendAsync(HttpMethod.Get, "/api/v1/users/1", Guid.NewGuid());

        Assert.Equal("/api/v1/users/1", response.Headers.Location?.ToString());
        Assert.Equal(
            """{"userId":"1","fullName":"Ann","emailAddress":"ann@example.com","phone":null,"createdAt":null}""",
            await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task UserVersion1_Sent_ReachesUsersInItsOwnWordsAndIsRefusedInTheClients()
    {
        var received = "";
        _backend.Answer = async context =>
        {
            received = await new StreamReader(context.Request.Body).ReadToEndAsync(context.RequestAborted);
            context.Response.StatusCode = 400;
            await context.Response.WriteAsJsonAsync(new { errors = new { email = Wrong, phone = Wrong } }, options: null, contentType: "application/problem+json");
        };
        using var body = new StringContent("""{"fullName": "Ann \ud800", "emailAddress": "x", "more": {"fullName": 1}}""", Encoding.UTF8, "application/json");

        using var response = await _gateway.SendAsync(HttpMethod.Put, "/api/v1/users/1", Guid.NewGuid(), body);

        Assert.Equal("""{"name": "Ann \ud800", "email": "x", "more": {"fullName": 1}}""", received);
        Assert.Equal("""{"errors":{"emailAddress":["wrong"],"phone":["wrong"]}}""", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
    }

    [Theory]
    [InlineData("""{"name": "Ann", "email": "x"}""", "application/json")]
    [InlineData("""{"fullName": "Ann", """, "application/json")]
    [InlineData("""{"fullName": "Ann"}""", "text/plain")]
    public async Task UserVersion1_SentInUsersOwnWordsOrNotAsJson_PassesAsItIs(string body, string type)
    {
        var received = "";
        _backend.Answer = async context => received = await new StreamReader(context.Request.Body).ReadToEndAsync(context.RequestAborted);
        using var content = new StringContent(body, Encoding.UTF8, type);

        using var response = await _gateway.SendAsync(HttpMethod.Post, "/api/v1/users", content: content);

        Assert.Equal(body, received);
    }
}
