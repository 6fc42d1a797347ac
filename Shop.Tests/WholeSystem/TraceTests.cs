using System.Text.RegularExpressions;
using Shop.Tests.Messaging;

namespace Shop.Tests.WholeSystem;

/// <summary>The trace of an order, as it arrives where traces are looked at: whole, in order, and without secrets.</summary>
[Collection<SharedShop>]
public sealed partial class TraceTests(RunningShop shop)
{
    private static readonly string[] AllServices = ["gateway", "inventory", "notifications", "orders", "payments", "products", "shipping", "users"];

    [Fact]
    public async Task Order_Confirmed_LeavesOneUnbrokenTraceThroughAllServices()
    {
        var client = shop.Client;
        var userId = await client.CreateUserAsync();
        var order = await client.PlaceOrderAsync(ShopClient.OrderFor(userId, ShopClient.SeededProduct(50), 1));
        await client.GetNotificationsAsync(userId, 1);
        var orderId = order["id"]!.GetValue<string>();

        // Each process sends its spans when it sees fit.
        await Eventually.IsTrue(() => TraceOf(orderId).Select(span => span.Service).Distinct().Order().SequenceEqual(AllServices));
        await Eventually.IsTrue(() => Gaps(TraceOf(orderId)).Length == 0);

        var trace = TraceOf(orderId);
        var root = Assert.Single(trace, span => span.ParentId == "");
        Assert.Equal("gateway", root.Service);
        Assert.StartsWith("POST", root.Name, StringComparison.Ordinal);
        // Every message of the order's way, in the services that dealt with it, in this order.
        var steps = trace.Where(span => span.Attributes.GetValueOrDefault("order.id") == orderId && span.Attributes.ContainsKey("messaging.masstransit.message_id"))
            .OrderBy(span => span.Start)
            .Select(span => span.Service)
            .ToArray();
        Assert.Equal(
            ["orders", "inventory", "orders", "payments", "orders", "inventory", "orders", "shipping", "orders", "notifications"],
            steps);
    }

    [Fact]
    public async Task Order_PaidByWebhook_IsFoundInAllItsServicesByItsId()
    {
        var order = await shop.Client.PlaceOrderAsync(
            ShopClient.OrderFor(await shop.Client.CreateUserAsync(), ShopClient.SeededProduct(53), 1, "tok_webhook_later"));

        // What the webhook sets going has no trace in common with what came before it.
        await Eventually.IsTrue(() => shop.Traces.Spans
            .Where(span => span.Attributes.GetValueOrDefault("order.id") == order["id"]!.GetValue<string>())
            .Select(span => span.Service)
            .Distinct()
            .Order()
            .SequenceEqual(["gateway", "inventory", "notifications", "orders", "payments", "shipping"]));
    }

    [Fact]
    public async Task Spans_OfAnything_CarryNoSecretAndNoPersonalData()
    {
        var client = shop.Client;
        var userId = await client.CreateUserAsync();
        var (email, password) = client.GetCredentials(userId);
        await client.PlaceOrderAsync(ShopClient.OrderFor(userId, ShopClient.SeededProduct(51), 1));
        await Eventually.IsTrue(() => shop.Traces.Spans.Any(span => span.Attributes.GetValueOrDefault("user.id") == userId.ToString()));

        string[] secrets = [email, password, "tok_visa", "Kade 1", "Ann Lee", RunningShop.AdminPassword];
        var telling =
            from span in shop.Traces.Spans
            from attribute in span.Attributes
            where secrets.Any(secret => attribute.Value.Contains(secret, StringComparison.Ordinal)) || Token().IsMatch(attribute.Value)
            select $"{span.Service} {span.Name}: {attribute.Key}";
        Assert.Empty(telling.Distinct());
    }

    [Fact]
    public async Task Looks_OfBackgroundServices_BeginNoTrace()
    {
        await shop.Client.PlaceOrderAsync(ShopClient.OrderFor(await shop.Client.CreateUserAsync(), ShopClient.SeededProduct(52), 1));
        await Eventually.IsTrue(() => shop.Traces.Spans.Any(span => span.Name == "postgresql"));

        Assert.DoesNotContain(shop.Traces.Spans, span => span.Name == "postgresql" && span.ParentId == "");
    }

    private ReceivedSpan[] TraceOf(string orderId)
    {
        var spans = shop.Traces.Spans;
        var placed = spans.FirstOrDefault(span => span.Service == "gateway" && span.ParentId == "" && span.Attributes.GetValueOrDefault("order.id") == orderId
            && span.Name.StartsWith("POST", StringComparison.Ordinal));
        return [.. spans.Where(span => span.TraceId == placed?.TraceId)];
    }

    private static string[] Gaps(ReceivedSpan[] trace)
    {
        var known = trace.Select(span => span.SpanId).ToHashSet();
        return [.. trace.Where(span => span.ParentId != "" && !known.Contains(span.ParentId)).Select(span => $"{span.Service} {span.Name}")];
    }

    [GeneratedRegex(@"eyJ[\w-]+\.[\w-]+\.")]
    private static partial Regex Token();
}
