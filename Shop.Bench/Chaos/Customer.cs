using System.Net;
using System.Text.Json.Nodes;
using Shop.Bench.Invariants;

namespace Shop.Bench.Chaos;

/// <summary>A customer who orders all kinds of things, loses answers, changes their mind; and the warehouse that sends the parcels.</summary>
internal sealed class Customer(ShopClient client, Guid userId, Random random, ChaosLog log)
{
    /// <summary>Of which there is little: orders for it run short.</summary>
    public static readonly Guid ScarceProduct = ShopClient.SeededProduct(1);

    private const int Products = 100;
    private int _orders;

    /// <summary>Orders one thing after another.</summary>
    /// <param name="closing">From when on nothing new is ordered.</param>
    /// <param name="cancellationToken">Ends everything.</param>
    public async Task ShopAsync(CancellationToken closing, CancellationToken cancellationToken)
    {
        while (!closing.IsCancellationRequested)
        {
            await OrderAsync(cancellationToken);
            await Task.Delay(random.Next(150), cancellationToken);
        }
    }

    private async Task OrderAsync(CancellationToken cancellationToken)
    {
        var key = $"order-{++_orders}";
        var order = Choose();
        var lostAfter = random.Next(6) == 0 ? TimeSpan.FromMilliseconds(random.Next(1, 60)) : (TimeSpan?)null;
        if (await PlaceAsync(order, key, lostAfter, cancellationToken) is not { } id)
            return;
        if (random.Next(10) == 0)
            await PlaceAsync(order, key, null, cancellationToken);

        switch (random.Next(10))
        {
            case < 3:
                await CancelAsync(id, TimeSpan.FromMilliseconds(random.Next(400)), cancellationToken);
                break;
            case < 6:
                await SendParcelAsync(id, random.Next(2) == 0, cancellationToken);
                break;
            case 6:
                await Task.WhenAll(
                    SendParcelAsync(id, true, cancellationToken),
                    CancelAsync(id, TimeSpan.FromMilliseconds(random.Next(400)), cancellationToken));
                break;
        }
    }

    private JsonObject Choose()
    {
        (Guid, int)[] lines = [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => (ShopClient.SeededProduct(random.Next(2, Products)), random.Next(1, 3)))];
        return random.Next(20) switch
        {
            0 or 1 => ShopClient.OrderFor(lines, "tok_declined"),
            2 => ShopClient.OrderFor(lines, "tok_insufficient_funds"),
            3 or 4 => ShopClient.OrderFor([.. lines, (ScarceProduct, random.Next(1, 4))]),
            5 or 6 => ShopClient.OrderFor(lines, postalCode: "00000"),
            7 => ShopClient.OrderFor(lines, "tok_timeout"),
            8 => ShopClient.OrderFor(lines, "tok_flaky"),
            9 => ShopClient.OrderFor(lines, "tok_webhook_later"),
            _ => ShopClient.OrderFor(lines),
        };
    }

    private async Task<Guid?> PlaceAsync(JsonObject order, string key, TimeSpan? lostAfter, CancellationToken cancellationToken)
    {
        var (status, body) = await client.PlaceOrderAsync(userId, order, key, lostAfter, cancellationToken);
        if (status != HttpStatusCode.Created)
        {
            log.Refused($"order with key {key} of user {userId}", $"{(int)status} {body?.ToJsonString()}");
            return null;
        }

        var id = body!["id"]!.GetValue<Guid>();
        log.Accepted(new AcceptedOrder(id, userId, key));
        return id;
    }

    private async Task CancelAsync(Guid id, TimeSpan after, CancellationToken cancellationToken)
    {
        await Task.Delay(after, cancellationToken);
        var (status, body) = await client.AskAsync(userId, HttpMethod.Post, $"/api/v1/orders/{id}/cancellation", null, null, null, cancellationToken);
        if (status is not (HttpStatusCode.Accepted or HttpStatusCode.Conflict))
            log.Refused($"cancellation of order {id}", $"{(int)status} {body?.ToJsonString()}");
    }

    /// <summary>Dispatches as soon as there is a parcel, unless it takes too long or comes to nothing.</summary>
    private async Task SendParcelAsync(Guid orderId, bool delivers, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < 10; attempt++)
        {
            await Task.Delay(random.Next(20, 200), cancellationToken);
            var (status, body) = await client.AskAsync(userId, HttpMethod.Get, $"/api/v1/orders/{orderId}/shipment", null, null, null, cancellationToken);
            if (status != HttpStatusCode.OK)
                continue;
            var shipment = $"/api/v1/shipments/{body!["id"]}";
            await client.AskAsync(ShopClient.Admin, HttpMethod.Put, shipment, new JsonObject { ["status"] = "Dispatched" }, null, null, cancellationToken);
            if (delivers)
                await client.AskAsync(ShopClient.Admin, HttpMethod.Put, shipment, new JsonObject { ["status"] = "Delivered" }, null, null, cancellationToken);
            return;
        }
    }
}
