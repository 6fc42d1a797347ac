using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using RabbitMQ.Client;
using Shop.Contracts;

namespace Shop.Tests.WholeSystem;

/// <summary>Where nothing is wrong, nobody is warned: a line of that kind means something.</summary>
public sealed partial class QuietRunTests : IAsyncDisposable
{
    private const string AdminPassword = "admin of the tests";

    /// <summary>What is said although nothing is wrong, and why.</summary>
    private static readonly (Regex Line, string Why)[] Allowed =
    [
        (NoTls(), "RabbitMQ says so when its management ends that has served plain HTTP only."),
        (BusyMachine(), "A call that compiled what it needed for the first time may be slower than Orders waits, where the machine has much else to do."),
        (SlowProbe(), "So may a service be slower than the gateway waits for its health."),
        (SlowHeartbeat(), "The server's own clock may be late."),
        (GivenUp(), "Who has waited long enough gives up what is asked of Postgres, which says so."),
        (NoDeadLetters(), "AMQP has no question whether a queue is there: dead letters are counted every ten seconds, and before the first there is no queue."),
    ];

    /// <summary>The same, of data that are new.</summary>
    private static readonly (Regex Line, string Why)[] AllowedAtFirst =
    [
        .. Allowed,
        (EmptyMessageStore(), "RabbitMQ says so of every new data directory: there is no index yet, and no message."),
        (NoHistory(), "Entity Framework asks a new database which migrations it has had, and makes the table when there is none."),
    ];

    // Postgres runs as a user of its own, who must get through to its data.
    private readonly DirectoryInfo _directory = NewDirectory(Path.Combine(Path.GetTempPath(), $"shop-quiet-{Guid.NewGuid():N}"));

    [Fact]
    public async Task Run_WithOrdersOfEveryKind_WritesNoWarningAndNoneAtTheNextStart()
    {
        await using (var shop = await StartAsync("first"))
        {
            await shop.ResourceNotifications.WaitForResourceHealthyAsync("gateway", TestContext.Current.CancellationToken);
            using var client = new ShopClient(shop.GetEndpoint("gateway"), AdminPassword);
            await OrderAsync(client);
        }
        AssertQuiet("first", AllowedAtFirst);

        // The servers only, on the data that the first run has left.
        await using (var servers = await StartAsync("second", project => project.WithExplicitStart()))
        {
            await servers.ResourceNotifications.WaitForResourceHealthyAsync("postgres", TestContext.Current.CancellationToken);
            await servers.ResourceNotifications.WaitForResourceHealthyAsync("messaging", TestContext.Current.CancellationToken);
            await QueuesAreUpAsync(servers);
        }

        AssertQuiet("second", Allowed);
    }

    public ValueTask DisposeAsync()
    {
        _directory.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    private static DirectoryInfo NewDirectory(string path) =>
        OperatingSystem.IsWindows() ? Directory.CreateDirectory(path) : Directory.CreateDirectory(path, (UnixFileMode)0b111_001_001);

    /// <summary>Ended while its queues still elect their leaders, RabbitMQ says a lot.</summary>
    private static async Task QueuesAreUpAsync(DistributedApplication servers)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var broker = await servers.GetConnectionStringAsync("messaging", cancellationToken);
        await using var connection = await new ConnectionFactory { Uri = new Uri(broker!) }.CreateConnectionAsync(cancellationToken);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        foreach (var queue in MessageRoutes.Queues.Values.SelectMany(queues => queues).Distinct())
            foreach (var suffix in new[] { "", "_error", "_dead" })
                Assert.Null(await channel.BasicGetAsync(queue + suffix, autoAck: false, cancellationToken)); // which only its leader can answer
    }

    private async Task<DistributedApplication> StartAsync(string run, Action<IResourceBuilder<ProjectResource>>? change = null)
    {
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.Shop_AppHost>(
            [
                "--RateLimits:OrdersPerMinute=1000000", .. PatientShop.Settings,
                $"--LocalAspire:DataRoot={_directory.FullName}", $"--LocalAspire:LogDirectory={LogsOf(run)}", "--LocalAspire:Dashboard=true",
                $"--Mail:PickupDirectory={Path.Combine(_directory.FullName, "mail")}", $"--Parameters:admin-password={AdminPassword}",
            ],
            TestContext.Current.CancellationToken);
        foreach (var project in builder.Resources.OfType<ProjectResource>().ToArray())
            change?.Invoke(builder.CreateResourceBuilder(project));
        var app = await builder.BuildAsync(TestContext.Current.CancellationToken);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }

    /// <summary>Confirmed, shipped and delivered, cancelled by the customer, out of stock, declined, refunded; and a wrong request.</summary>
    private static async Task OrderAsync(ShopClient client)
    {
        var user = await client.CreateUserAsync();
        var product = ShopClient.SeededProduct(1);
        var confirmed = await EndAsync(ShopClient.OrderFor(user, product, 1), "Confirmed");
        using (var cancelled = await client.SendAsync(user, HttpMethod.Post, $"/api/v1/orders/{confirmed}/cancellation"))
            Assert.Equal(HttpStatusCode.Accepted, cancelled.StatusCode);
        await client.EventuallyAsync($"/api/v1/orders/{confirmed}", order => order["status"]!.GetValue<string>() == "Cancelled");
        await EndAsync(ShopClient.OrderFor(user, product, 999), "Confirmed");
        await EndAsync(ShopClient.OrderFor(user, product, 999), "Cancelled");
        await EndAsync(ShopClient.OrderFor(user, product, 1, "tok_declined"), "Cancelled");
        await EndAsync(ShopClient.OrderFor(user, product, 1, postalCode: "00000"), "Cancelled");
        using var wrong = await client.SubmitOrderAsync(ShopClient.OrderFor(user, product, 0), Guid.NewGuid().ToString());
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);

        async Task<string> EndAsync(JsonObject order, string status)
        {
            var ended = await client.PlaceOrderAsync(order);
            Assert.Equal(status, ended["status"]!.GetValue<string>());
            return ended["id"]!.GetValue<string>();
        }
    }

    private string LogsOf(string run) => Path.Combine(_directory.FullName, "logs", run);

    /// <summary>No line by which services, gateway, dashboard, Postgres or RabbitMQ warn, or tell of something worse; and none that names a person.</summary>
    private void AssertQuiet(string run, (Regex Line, string Why)[] allowed)
    {
        var files = Directory.GetFiles(LogsOf(run), "*.log");
        Assert.NotEmpty(files);
        Assert.DoesNotContain(files, file => File.ReadLines(file).Any(line => AnAddress().IsMatch(line)));
        var warnings =
            from file in files
            from line in File.ReadLines(file).Index()
            where Warning().IsMatch(line.Item)
            // What RabbitMQ says at one moment by one of its processes is one thing, over many lines.
            group line by (file, Said: RabbitMqStamp().Match(line.Item) is { Success: true } stamp ? stamp.Value : $"{line.Index}") into said
            where !allowed.Any(known => said.Any(line => known.Line.IsMatch(line.Item)))
            select $"{Path.GetFileName(said.Key.file)}:{said.First().Index + 1} {string.Join('\n', said.Take(40).Select(line => line.Item))}"
                + $" {File.ReadLines(said.Key.file).ElementAtOrDefault(said.Last().Index + 1)}";
        Assert.True(!warnings.Any(), string.Join('\n', warnings));
    }

    // Of .NET, of RabbitMQ, of Postgres.
    [GeneratedRegex(@"^(warn|fail|crit): |\[(warning|error|critical|alert|emergency)\]|\b(WARNING|ERROR|FATAL|PANIC): ")]
    private static partial Regex Warning();

    // Of the customers and the administrators that there are.
    [GeneratedRegex(@"@(example\.com|shop\.local)")]
    private static partial Regex AnAddress();

    [GeneratedRegex(@"^\S+ \S+ \[\w+\] <[\d.]+> ")]
    private static partial Regex RabbitMqStamp();

    [GeneratedRegex(@"\[warning\] \S+ HTTP listener registry could not find context rabbitmq_management_tls$")]
    private static partial Regex NoTls();

    [GeneratedRegex(@"^warn: Grpc\.Net\.Client\.Internal\.GrpcCall\[7\]$")]
    private static partial Regex BusyMachine();

    [GeneratedRegex(@"^warn: Yarp\.ReverseProxy\.Health\.ActiveHealthCheckMonitor\[17\]$")]
    private static partial Regex SlowProbe();

    [GeneratedRegex(@"^warn: Microsoft\.AspNetCore\.Server\.Kestrel\[22\]$")]
    private static partial Regex SlowHeartbeat();

    [GeneratedRegex(@"^ERROR:  canceling statement due to user request$")]
    private static partial Regex GivenUp();

    [GeneratedRegex(@"^ERROR:  relation ""__EFMigrationsHistory"" does not exist at character \d+$")]
    private static partial Regex NoHistory();

    [GeneratedRegex(@"\[error\] \S+ operation queue\.declare caused a channel exception not_found: no queue '\S+(_error|_skipped|_dead)' in vhost '/'$")]
    private static partial Regex NoDeadLetters();

    [GeneratedRegex(@"\[warning\] .*Message store ""[^""]+"": rebuilding indices from scratch$")]
    private static partial Regex EmptyMessageStore();
}
