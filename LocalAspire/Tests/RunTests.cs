using System.Net.Http.Json;
using Npgsql;
using RabbitMQ.Client;

namespace LocalAspire.Tests;

/// <summary>Whole runs of an AppHost: that they are ready, keep what they are to keep, and leave nothing else, however they end.</summary>
public sealed class RunTests : IDisposable
{
    private readonly TestDirectory _directory = new();
    private readonly int _port = FreePort();

    [Fact]
    public async Task KeptData_AfterStopAndKill_AreThereAndNothingElseIs()
    {
        await using (var first = await Start().ReadyAsync())
        {
            await CreateAsync();
            await using var second = Start();
            Assert.Equal(1, await second.EndAsync());
            Assert.Contains($"in use by another run (process {first.Id})", second.Output);
            await using var reset = Start("--operation", "reset");
            Assert.Equal(1, await reset.EndAsync());
            Assert.Equal(0, await first.EndAsync("TERM"));
            Assert.Equal(["stopping…", "stopped"], first.Output.Split(Environment.NewLine).Where(line => line.StartsWith("stop", StringComparison.Ordinal)));
        }
        Assert.Empty(_directory.Processes);
        Assert.Empty(_directory.RunDirectories);
        using (var port = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, _port))
            port.Start();

        await using (var killed = await Start().ReadyAsync())
        {
            await CheckAsync();
            await killed.EndAsync("KILL");
        }

        // At once: what the killed run left is ended while this one waits.
        await using (var last = await Start().ReadyAsync())
        {
            await CheckAsync();
            await last.EndAsync("KILL");
        }
        await _directory.NothingIsLeftAsync();

        await using var allowed = Start("--operation", "reset");
        Assert.Equal(0, await allowed.EndAsync());
        Assert.Contains("Thrown away", allowed.Output);
        Assert.Empty(Directory.GetDirectories(Path.Combine(_directory.Path, "data")));
    }

    [Fact]
    public async Task Dashboard_StartedWithTheRun_LetsInWhoHasTheTokenAndIsStartedAgainWhenItDies()
    {
        await using var appHost = await Start("--Data:Ephemeral", "true", "--LocalAspire:Dashboard", "true").ReadyAsync();
        var login = new Uri(appHost.Output.Split(Environment.NewLine).Single(line => line.StartsWith("dashboard: ", StringComparison.Ordinal))["dashboard: ".Length..]);
        using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });

        Assert.Equal(System.Net.HttpStatusCode.Redirect, await StatusAsync(login));
        Assert.Equal(System.Net.HttpStatusCode.Unauthorized, await StatusAsync(new Uri(login, "/login?t=wrong")));
        LocalAspire.Hosting.Engine.Session.Signal(Dashboard(), "KILL");
        await Task.Delay(200, TestApplication.Limit); // it may still answer for the blink of an eye
        Assert.Equal(System.Net.HttpStatusCode.Redirect, await StatusAsync(login));
        await appHost.EndAsync("KILL");
        await _directory.NothingIsLeftAsync();

        int Dashboard() => _directory.Processes.Where(process => process.Contains("LocalAspire.Dashboard.dll", StringComparison.Ordinal))
            .Select(process => int.Parse(process.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture)).Single();

        async Task<System.Net.HttpStatusCode> StatusAsync(Uri url)
        {
            while (true)
            {
                try
                {
                    using var response = await http.GetAsync(url, TestApplication.Limit);
                    return response.StatusCode;
                }
                catch (HttpRequestException) when (!TestApplication.Limit.IsCancellationRequested)
                {
                    await Task.Delay(100, TestApplication.Limit); // not yet up, or not yet again
                }
            }
        }
    }

    [Fact]
    public async Task Run_KilledWhileItStarts_LeavesNothing()
    {
        await using var appHost = Start("--Data:Ephemeral", "true");
        while (!_directory.Processes.Any(process => process.Contains("epmd")))
            await Task.Delay(20, TestApplication.Limit);

        await appHost.EndAsync("KILL");

        await _directory.NothingIsLeftAsync();
    }

    [Fact]
    public async Task Run_GuardAndThenAppHostKilled_LeavesNothing()
    {
        await using var appHost = await Start("--Data:Ephemeral", "true").ReadyAsync();
        var guard = Guard();
        LocalAspire.Hosting.Engine.Session.Signal(guard, "KILL");
        while (Guard() == 0 || Guard() == guard)
            await Task.Delay(20, TestApplication.Limit);
        using var client = new HttpClient();
        Assert.Equal("[]", await client.GetStringAsync(new Uri($"http://localhost:{_port}/arguments"), TestApplication.Limit));

        await appHost.EndAsync("KILL");

        await _directory.NothingIsLeftAsync();
    }

    [Fact]
    public async Task Run_PortTaken_FailsAtOnceAndLeavesNothing()
    {
        using var holder = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, _port);
        holder.Start();
        await using var appHost = Start("--Data:Ephemeral", "true");

        Assert.Equal(1, await appHost.EndAsync());

        Assert.StartsWith($"Port {_port}, which the endpoint 'http' of 'gateway' needs, is taken by process {Environment.ProcessId} (", appHost.Output);
        Assert.Empty(_directory.Processes);
        Assert.Empty(_directory.RunDirectories);
    }

    [Fact]
    public async Task AppHost_InTheTestsProcess_CanBeChangedAndEnds()
    {
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.Test_AppHost>(["--Data:Ephemeral=true"], TestApplication.Limit);
        var orders = builder.Resources.OfType<ProjectResource>().Single(resource => resource.Name == "orders");
        builder.CreateResourceBuilder(orders).WithEnvironment("FROM_TEST", "yes");
        int pid;
        await using (var app = await builder.BuildAsync(TestApplication.Limit))
        {
            await app.StartAsync(TestApplication.Limit);
            await app.HealthyAsync("gateway");

            Assert.Equal("yes", (await app.GetAsync<Dictionary<string, string>>("orders", "/environment"))["FROM_TEST"]);
            pid = await app.GetAsync<int>("gateway", "/pid");
        }
        Assert.False(Processes.IsAlive(pid));
    }

    public void Dispose() => _directory.Dispose();

    private AppHostProcess Start(params string[] args) => new(_directory, ["--GatewayPort", $"{_port}", "--LocalAspire:Dashboard", "false", .. args]);

    private int Guard() => _directory.Processes.Where(process => process.Contains("local-aspire-guard"))
        .Select(process => int.Parse(process.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture)).FirstOrDefault();

    private async Task CreateAsync()
    {
        var (database, broker) = await ConnectionsAsync();
        await ExecuteAsync(database, "CREATE TABLE kept (id int); INSERT INTO kept VALUES (1)");
        await using var connection = await new ConnectionFactory { Uri = broker }.CreateConnectionAsync(TestApplication.Limit);
        await using var channel = await connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), TestApplication.Limit);
        await channel.QueueDeclareAsync(
            "kept", durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { ["x-queue-type"] = "quorum" },
            cancellationToken: TestApplication.Limit);
        await channel.BasicPublishAsync("", "kept", "message"u8.ToArray(), TestApplication.Limit);
    }

    private async Task CheckAsync()
    {
        var (database, broker) = await ConnectionsAsync();
        Assert.Equal(1, await ExecuteAsync(database, "SELECT id FROM kept"));
        await using var connection = await new ConnectionFactory { Uri = broker }.CreateConnectionAsync(TestApplication.Limit);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: TestApplication.Limit);
        var message = await channel.BasicGetAsync("kept", autoAck: false, TestApplication.Limit);
        Assert.Equal("message"u8.ToArray(), message?.Body.ToArray());
    }

    /// <summary>What the services were given; orders is asked, through its replicas' addresses, by the gateway's environment.</summary>
    private async Task<(string Database, Uri Broker)> ConnectionsAsync()
    {
        using var client = new HttpClient();
        var gateway = await client.GetFromJsonAsync<Dictionary<string, string>>($"http://localhost:{_port}/environment", TestApplication.Limit);
        var orders = await client.GetFromJsonAsync<Dictionary<string, string>>($"{gateway!["services__orders__http__1"]}/environment", TestApplication.Limit);
        return (orders!["ConnectionStrings__ordersdb"], new(orders["ConnectionStrings__messaging"]));
    }

    private static async Task<object?> ExecuteAsync(string connectionString, string statement)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync(TestApplication.Limit);
        await using var command = new NpgsqlCommand(statement, connection);
        return await command.ExecuteScalarAsync(TestApplication.Limit);
    }

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }
}
