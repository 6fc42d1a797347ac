using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.OpenApi;

namespace Shop.Tests.Gateway;

/// <summary>One OpenAPI document a version, made of those of the services.</summary>
public sealed class ApiReferenceTests : IAsyncLifetime
{
    private const string Users = """
        {"openapi": "3.1.1", "info": {"title": "Users", "version": "v2"},
         "paths": {"/api/v2/users/{id}": {"get": {"tags": ["Users"], "responses": {"200": {"description": "OK", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/UserResponse"}}}}}}}},
         "components": {"schemas": {"UserResponse": {"type": "object", "properties": {"id": {"type": "string", "format": "uuid"}, "name": {"type": "string"}, "email": {"type": "string"}, "phone": {"type": "string"}, "roles": {"type": "array", "items": {"type": "string"}}, "createdAt": {"type": "string"}}},
          "CreateUserRequest": {"type": "object", "required": ["email", "name"], "properties": {"email": {"type": "string"}, "name": {"type": "string"}}}}}}
        """;

    private Backend _users = null!;
    private Backend _products = null!;
    private Backend _orders = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _users = await Backend.StartAsync(Json(Users));
        _products = await Backend.StartAsync(Describe("/api/v1/products/", "string"));
        _orders = await Backend.StartAsync(Describe("/api/v1/orders/{id}", "integer"));
    }

    public async ValueTask DisposeAsync()
    {
        await _users.DisposeAsync();
        await _products.DisposeAsync();
        await _orders.DisposeAsync();
    }

    [Fact]
    public async Task Version1_HasThePathsOfAllServicesAndOfTheGateway()
    {
        await using var gateway = Start();

        var document = await GetAsync(gateway, "v1");

        Assert.Superset(
            new HashSet<string> { "/api/v1/users/{id}", "/api/v1/products", "/api/v1/orders/{id}", "/api/v1/storefront", "/api/v1/orders/{id}/details" },
            document["paths"]!.AsObject().Select(path => path.Key).ToHashSet());
        Assert.NotNull(document["components"]!["securitySchemes"]!["oauth2"]!["flows"]!["authorizationCode"]);
        Assert.NotNull(document["paths"]!["/api/v1/orders/{id}/details"]!["get"]!["security"]![0]!["oauth2"]);
        Assert.Null(document["paths"]!["/api/v1/storefront"]!["get"]!["security"]);
    }

    [Fact]
    public async Task Version1_UsersAreDescribedAsTheGatewayMakesThem()
    {
        await using var gateway = Start();

        var (version1, version2) = (await GetAsync(gateway, "v1"), await GetAsync(gateway, "v2"));

        Assert.Equal(["userId", "fullName", "emailAddress", "phone", "createdAt"], PropertiesOfUser(version1));
        Assert.Equal(["id", "name", "email", "phone", "roles", "createdAt"], PropertiesOfUser(version2));
        Assert.Equal(
            """{"type":"object","required":["emailAddress","fullName"],"properties":{"emailAddress":{"type":"string"},"fullName":{"type":"string"}}}""",
            version1["components"]!["schemas"]!["CreateUserRequest"]!.ToJsonString());
        Assert.True(version2["paths"]!.AsObject().ContainsKey("/api/v2/users/{id}"));
    }

    [Fact]
    public async Task Schemas_TwoOfOneName_KeepTheirMeanings()
    {
        await using var gateway = Start();

        var document = await GetAsync(gateway, "v1");

        Assert.Equal(("string", "integer"), (TypeOf("/api/v1/products"), TypeOf("/api/v1/orders/{id}")));

        string TypeOf(string path)
        {
            var reference = document["paths"]![path]!["get"]!["responses"]!["200"]!["content"]!["application/json"]!["schema"]!["$ref"]!.GetValue<string>();
            return document["components"]!["schemas"]![reference.Split('/')[^1]]!["properties"]!["value"]!["type"]!.GetValue<string>();
        }
    }

    [Fact]
    public async Task Service_IsDown_IsLeftOutAndNamed()
    {
        _orders.Answer = Backend.Die;
        await using var gateway = Start();

        var document = await GetAsync(gateway, "v1");

        Assert.Contains("orders", document["x-unavailable"]!.AsArray().Select(service => service!.GetValue<string>()));
        Assert.DoesNotContain("products", document["x-unavailable"]!.AsArray().Select(service => service!.GetValue<string>()));
        Assert.False(document["paths"]!.AsObject().ContainsKey("/api/v1/orders/{id}"));
        Assert.True(document["paths"]!.AsObject().ContainsKey("/api/v1/products"));
    }

    [Fact]
    public async Task Service_WasDown_IsThereAsSoonAsItIsBack()
    {
        _orders.Answer = Backend.Status(500);
        await using var gateway = Start();
        Assert.False((await GetAsync(gateway, "v1"))["paths"]!.AsObject().ContainsKey("/api/v1/orders/{id}"));

        _orders.Answer = Describe("/api/v1/orders/{id}", "integer");

        Assert.True((await GetAsync(gateway, "v1"))["paths"]!.AsObject().ContainsKey("/api/v1/orders/{id}"));
    }

    [Fact]
    public async Task Page_IsForAnyoneAndMayRunItsOwnScriptsOnly()
    {
        await using var gateway = Start();

        using var response = await gateway.SendAsync(HttpMethod.Get, "/scalar/");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/html", response.Content.Headers.ContentType?.MediaType);
        Assert.Contains("script-src 'self' ", response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Contains("shop-web", await response.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
    }

    private TestGateway Start() => TestGateway.Start([("users", _users.Address), ("products", _products.Address), ("orders", _orders.Address)]);

    private static RequestDelegate Json(string document) => context =>
    {
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(document, Cancelled);
    };

    /// <summary>A document of one path and one schema, <c>Thing</c>, whose value is of a type.</summary>
    private static RequestDelegate Describe(string path, string type) => Json(
        """
        {"openapi": "3.1.1", "info": {"title": "A service", "version": "v1"},
         "paths": {"PATH": {"get": {"responses": {"200": {"description": "OK", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}}}}}},
         "components": {"schemas": {"Thing": {"type": "object", "properties": {"value": {"type": "TYPE"}}}}}}
        """.Replace("PATH", path, StringComparison.Ordinal).Replace("TYPE", type, StringComparison.Ordinal));

    private static IEnumerable<string> PropertiesOfUser(JsonNode document) =>
        document["components"]!["schemas"]!["UserResponse"]!["properties"]!.AsObject().Select(property => property.Key);

    /// <summary>A document, after a reader of OpenAPI had nothing to say against it.</summary>
    private static async Task<JsonNode> GetAsync(TestGateway gateway, string version)
    {
        using var response = await gateway.SendAsync(HttpMethod.Get, $"/openapi/{version}.json");
        var json = await response.Content.ReadAsStringAsync(Cancelled);
        Assert.True(response.StatusCode == HttpStatusCode.OK, json);
        var read = OpenApiDocument.Parse(json, OpenApiConstants.Json);
        Assert.Empty(read.Diagnostic!.Errors);
        return JsonNode.Parse(json)!;
    }
}
