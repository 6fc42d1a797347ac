using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Shop.Gateway.Composition;

/// <summary>One look at all services, for administrators: each is asked at once, with the caller's own token.</summary>
internal static class OperationsOverview
{
    private static readonly string[] Services = ["users", "products", "orders", "inventory", "payments", "shipping", "notifications"];

    public static void MapOperationsOverview(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet("/api/v1/operations/overview", GetOverview).WithTags("Operations").RequireAdmin();

    private static async Task<Ok<JsonObject>> GetOverview(HttpContext context, Parts parts)
    {
        var orders = AskAsync("orders", "/operations/orders");
        var messaging = await Task.WhenAll(Services.Select(async service => (Service: service, Status: await AskAsync(service, "/operations/messaging"))));

        var overview = new JsonObject
        {
            ["services"] = new JsonArray([.. messaging.Where(m => m.Status is not null).Select(m => (JsonNode)Describe(m.Service, m.Status!))]),
            ["sagas"] = null,
            ["needAttention"] = null,
            ["deadLetters"] = null,
        };
        var ordersOverview = await orders;
        foreach (var (name, part) in ordersOverview ?? [])
            overview[name] = part?.DeepClone();
        overview["unavailable"] = new JsonArray(
            [.. messaging.Where(m => m.Status is null || (m.Service == "orders" && ordersOverview is null)).Select(m => (JsonNode)m.Service)]);
        return TypedResults.Ok(overview);

        async Task<JsonObject?> AskAsync(string service, string path) =>
            await parts.GetAsync(context, service, path) is { IsThere: true, Body: JsonObject answer } ? answer : null;
    }

    private static JsonObject Describe(string service, JsonObject status)
    {
        status.Insert(0, "name", service);
        return status;
    }
}
