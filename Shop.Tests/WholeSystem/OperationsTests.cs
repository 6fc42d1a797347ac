using System.Net;
using System.Text.Json.Nodes;
using RabbitMQ.Client;
using Shop.Tests.Messaging;

namespace Shop.Tests.WholeSystem;

/// <summary>What an administrator sees of the whole shop, and can do about a message that nobody could deal with.</summary>
[Collection<SharedShop>]
public sealed class OperationsTests(RunningShop shop) : IAsyncLifetime
{
    private const string Queue = "reserve-stock";
    private const string ErrorQueue = $"{Queue}_error";
    private readonly ShopClient _client = shop.Client;
    private IConnection? _connection;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private IConnection Broker => _connection ?? throw new InvalidOperationException("The test has not begun.");

    public async ValueTask InitializeAsync()
    {
        var broker = await shop.App.GetConnectionStringAsync("messaging", Cancelled);
        _connection = await new ConnectionFactory { Uri = new Uri(broker!) }.CreateConnectionAsync(Cancelled);
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is not null)
            await _connection.DisposeAsync();
    }

    [Fact]
    public async Task DeadLetter_OfAnyService_IsShownWithItsReasonAndRedeliveredOnTheRecord()
    {
        var messageId = Guid.CreateVersion7();
        await SendPoisonAsync(messageId);

        var letter = await FindAsync(messageId);
        Assert.Equal(Queue, letter["queue"]!.GetValue<string>());
        Assert.NotEmpty(letter["reason"]!.GetValue<string>());
        Assert.False(letter.AsObject().ContainsKey("body"));

        var redelivered = await _client.Http.PostAsync($"/api/v1/operations/messages/{letter["id"]}/redelivery", null, Cancelled);

        Assert.Equal(HttpStatusCode.OK, redelivered.StatusCode);
        Assert.Equal(1, (await ShopClient.ReadAsync(redelivered))["redelivered"]!.GetValue<int>());
        var record = (await _client.GetAsync("/api/v1/operations/redeliveries"))["items"]!.AsArray()
            .Single(item => item!["messageId"]?.GetValue<string>() == messageId.ToString())!;
        Assert.Equal((ErrorQueue, 1), (record["queue"]!.GetValue<string>(), record["redelivered"]!.GetValue<int>()));
        // It is as poisonous as before, and comes back.
        await FindAsync(messageId);
        await _client.EventuallyAsync("/api/v1/operations/overview", overview => overview["deadLetters"]?[ErrorQueue]?.GetValue<int>() >= 1);
        await using var channel = await Broker.CreateChannelAsync(cancellationToken: Cancelled);
        await channel.QueuePurgeAsync(ErrorQueue, Cancelled);
    }

    [Fact]
    public async Task DeadLetters_OfOneMessageInTwoQueues_AreBothOnSomePage()
    {
        var messageId = Guid.CreateVersion7();
        string[] queues = [Queue, "release-stock"];
        foreach (var queue in queues)
            await SendPoisonAsync(messageId, queue);

        await Eventually.IsTrue(async () =>
        {
            var found = new List<string>();
            for (var next = ""; next is not null;)
            {
                var page = await _client.GetAsync($"/api/v1/operations/messages?pageSize=1{next}");
                found.AddRange(page["items"]!.AsArray().Where(letter => letter!["id"]!.GetValue<string>().EndsWith($"{messageId}", StringComparison.Ordinal))
                    .Select(letter => letter!["queue"]!.GetValue<string>()));
                next = page["nextCursor"] is { } cursor ? $"&cursor={cursor}" : null;
            }

            return found.Order().SequenceEqual(queues.Order());
        });

        await using var channel = await Broker.CreateChannelAsync(cancellationToken: Cancelled);
        foreach (var queue in queues)
            await channel.QueuePurgeAsync($"{queue}_error", Cancelled);
    }

    [Fact]
    public async Task DeadLetter_Unknown_Is404()
    {
        foreach (var path in new[] { $"messages/{ErrorQueue}:{Guid.CreateVersion7()}", "messages/nonsense", $"messages/orders:{Guid.CreateVersion7()}", "queues/orders" })
        {
            var response = await _client.Http.PostAsync($"/api/v1/operations/{path}/redelivery", null, Cancelled);
            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        }
    }

    [Fact]
    public async Task Overview_AllServicesUp_ShowsOutboxesAndSagas()
    {
        var userId = await _client.CreateUserAsync();
        await _client.PlaceOrderAsync(ShopClient.OrderFor(userId, ShopClient.SeededProduct(41), 1));

        var overview = await _client.GetWholeAsync("/api/v1/operations/overview");

        Assert.Equal(
            ["inventory", "notifications", "orders", "payments", "products", "shipping", "users"],
            overview["services"]!.AsArray().Select(service => service!["name"]!.GetValue<string>()).Order());
        Assert.All(overview["services"]!.AsArray(), service => Assert.True(service!["outbox"]!["due"]!.GetValue<int>() >= 0));
        Assert.True(overview["sagas"]!["Confirmed"]!.GetValue<int>() >= 1, overview.ToJsonString());
        Assert.NotNull(overview["needAttention"]);
    }

    [Fact]
    public async Task Operations_ForACustomer_Are403()
    {
        var userId = await _client.CreateUserAsync();
        foreach (var path in new[] { "messages", "overview", "redeliveries" })
        {
            using var response = await _client.SendAsync(userId, HttpMethod.Get, $"/api/v1/operations/{path}");
            Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        }
    }

    private async Task SendPoisonAsync(Guid messageId, string queue = Queue)
    {
        await using var channel = await Broker.CreateChannelAsync(cancellationToken: Cancelled);
        var properties = new BasicProperties
        {
            MessageId = messageId.ToString(), ContentType = "application/vnd.masstransit+json", DeliveryMode = DeliveryModes.Persistent,
        };
        await channel.BasicPublishAsync(queue, "", mandatory: true, properties, "no JSON at all"u8.ToArray(), Cancelled);
    }

    private async Task<JsonNode> FindAsync(Guid messageId)
    {
        JsonNode? found = null;
        await Eventually.IsTrue(async () =>
        {
            var letters = await _client.GetAsync("/api/v1/operations/messages?pageSize=100");
            found = letters["items"]!.AsArray().FirstOrDefault(letter => letter!["id"]!.GetValue<string>().EndsWith(messageId.ToString(), StringComparison.Ordinal));
            return found is not null;
        });
        return found!;
    }
}
