using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Shop.Tests.Notifications;

namespace Shop.Tests.WholeSystem;

/// <summary>The whole system, started once for all tests that use it, with throw-away data and two replicas where that matters.</summary>
public sealed class RunningShop : IAsyncLifetime
{
    public const string AdminPassword = "admin of the tests";
    public const string DemoPassword = "demo of the tests";

    /// <summary>What the payment provider signs with.</summary>
    public const string WebhookSecret = "a secret that Payments has";

    /// <summary>What Orders gets its own token with.</summary>
    public const string OrdersSecret = "a secret that Orders has";

    /// <summary>What the signing keys in the database are encrypted with.</summary>
    public const string IdentityKey = "a secret of the tests, and no other";

    private readonly string _certificate = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.pfx");
    private DistributedApplication? _app;
    private OtlpReceiver? _traces;
    private SmtpReceiver? _mails;

    /// <summary>A client of the gateway.</summary>
    public ShopClient Client { get; private set; } = null!;

    /// <summary>The running system.</summary>
    public DistributedApplication App => _app ?? throw new InvalidOperationException("The shop has not been started.");

    /// <summary>What the whole system tells of its work.</summary>
    public OtlpReceiver Traces => _traces ?? throw new InvalidOperationException("The shop has not been started.");

    /// <summary>The mail server that the shop sends to.</summary>
    public SmtpReceiver Mails => _mails ?? throw new InvalidOperationException("The shop has not been started.");

    public async ValueTask InitializeAsync()
    {
        _traces = await OtlpReceiver.StartAsync();
        _mails = new SmtpReceiver();
        using var patience = new CancellationTokenSource(PatientShop.Start);
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.Shop_AppHost>(
            [
                "--Data:Ephemeral=true", "--Replicas:orders=2", "--Replicas:inventory=2", "--Replicas:users=2",
                "--RateLimits:RequestsPerSecond=1000000", "--RateLimits:OrdersPerMinute=1000000", "--RateLimits:SignInsPerMinute=1000000",
                $"--Parameters:admin-password={AdminPassword}", $"--Parameters:identity-key={IdentityKey}",
                $"--Parameters:orders-secret={OrdersSecret}", $"--Parameters:demo-password={DemoPassword}",
                $"--Parameters:payment-webhook-secret={WebhookSecret}",
                "--Orders:Events:Heartbeat=00:00:01", .. PatientShop.Settings,
                $"--Kestrel:Certificates:Default:Path={WriteCertificate()}",
                "--Mail:Host=127.0.0.1", $"--Mail:Port={_mails.Port}", "--Mail:UseTls=false",
            ],
            patience.Token);
        foreach (var project in builder.Resources.OfType<ProjectResource>().ToArray())
        {
            builder.CreateResourceBuilder(project)
                .WithEnvironment("OTEL_EXPORTER_OTLP_ENDPOINT", Traces.Address)
                .WithEnvironment("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")
                .WithEnvironment("OTEL_BSP_SCHEDULE_DELAY", "200");
        }

        _app = await builder.BuildAsync(patience.Token);
        await _app.StartAsync(patience.Token);
        await _app.ResourceNotifications.WaitForResourceHealthyAsync("gateway", patience.Token);
        Client = new ShopClient(_app.GetEndpoint("gateway"), AdminPassword);
        // The first calls find everything still to be compiled, in each replica: what they wait for is not what the tests are about.
        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => WarmUpAsync()));
        for (var i = 0; i < 4; i++)
            await Client.SetStockAsync(ShopClient.SeededProduct(120), 1000);
    }

    private async Task WarmUpAsync() =>
        await Client.PlaceOrderAsync(ShopClient.OrderFor(await Client.CreateUserAsync(), ShopClient.SeededProduct(120), 1));

    /// <summary>With it the gateway speaks HTTPS too.</summary>
    private string WriteCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=shop.test", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllBytes(_certificate, certificate.Export(X509ContentType.Pfx));
        return _certificate;
    }

    /// <summary>Makes an empty database with a service's schema.</summary>
    public async Task<TestDatabase<TContext>> CreateDatabaseAsync<TContext>()
        where TContext : DbContext
    {
        var server = await App.GetConnectionStringAsync("postgres", TestContext.Current.CancellationToken);
        var settings = new NpgsqlConnectionStringBuilder(server) { Database = $"test_{Guid.NewGuid():N}", Pooling = false };
        var database = new TestDatabase<TContext>(settings.ConnectionString);
        await using var context = database.Open();
        await context.Database.MigrateAsync(TestContext.Current.CancellationToken);
        return database;
    }

    /// <summary>Waits until something is so in a service's own database.</summary>
    public async Task EventuallyInAsync<TContext>(string name, Func<TContext, bool> isAwaited)
        where TContext : DbContext
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var database = new TestDatabase<TContext>((await App.GetConnectionStringAsync(name, cancellationToken))!).Open();
        await Messaging.Eventually.IsTrue(() => isAwaited(database), $"what is awaited in {name}");
    }

    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        if (_app is not null)
            await _app.DisposeAsync();
        File.Delete(_certificate);
        if (_traces is not null)
            await _traces.DisposeAsync();
        if (_mails is not null)
            await _mails.DisposeAsync();
    }
}

/// <summary>Tests of this collection share one <see cref="RunningShop"/>.</summary>
[CollectionDefinition]
public sealed class SharedShop : ICollectionFixture<RunningShop>;
