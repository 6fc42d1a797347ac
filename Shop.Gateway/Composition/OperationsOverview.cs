using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace Shop.Gateway.Composition;

/// <summary>One look at all services, for administrators: each is asked at once, with the caller's own token.</summary>
internal static class OperationsOverview
{
    /// <summary>How long a service may take to answer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private static readonly string[] Services = ["users", "products", "orders", "inventory", "payments", "shipping", "notifications"];

    public static void MapOperationsOverview(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet("/api/v1/operations/overview", GetOverview).WithTags("Operations").RequireAdmin();

    private static async Task<Ok<JsonObject>> GetOverview(
        HttpContext context, IHttpClientFactory clients, ILogger<Program> logger, CancellationToken cancellationToken)
    {
        var authorization = context.Request.Headers.Authorization.ToString();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        using var client = clients.CreateClient(nameof(OperationsOverview));
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

        async Task<JsonObject?> AskAsync(string service, string path)
        {
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"http://{service}{path}"));
                request.Headers.TryAddWithoutValidation(HeaderNames.Authorization, authorization);
                using var response = await client.SendAsync(request, patience.Token);
                response.EnsureSuccessStatusCode();
                return await response.Content.ReadFromJsonAsync<JsonObject>(patience.Token);
            }
            catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
            {
                OperationsLog.NoAnswer(logger, failure, service);
                return null;
            }
        }
    }

    private static JsonObject Describe(string service, JsonObject status)
    {
        status.Insert(0, "name", service);
        return status;
    }
}

internal static partial class OperationsLog
{
    [LoggerMessage(LogLevel.Information, "{Service} did not say how it is")]
    public static partial void NoAnswer(ILogger logger, Exception failure, string service);
}
