using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Shop.Notifications;
using Shop.Notifications.Mail;
using Shop.Tests.WholeSystem;

namespace Shop.Tests.Notifications;

/// <summary>Mails from the table to a server: none lost, and none twice where that can be known, on Postgres and SMTP.</summary>
[Collection<SharedShop>]
public sealed class MailSenderTests(RunningShop shop) : IAsyncLifetime
{
    private readonly SmtpReceiver _server = new();
    private TestDatabase<NotificationsDbContext> _database = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _database = await shop.CreateDatabaseAsync<NotificationsDbContext>();

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task Mails_SeveralReplicasAtOnce_AreSentOnceEach()
    {
        for (var i = 0; i < 50; i++)
            await AddAsync();

        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => SendAllAsync(_server.Port)));

        Assert.Equal(50, _server.Mails.Count);
        Assert.Equal(50, _server.Mails.Select(mail => mail.MessageId).Distinct().Count());
        Assert.All(await ReadAsync(), row => Assert.True(row is { SentAt: not null, DueAt: null }));
    }

    [Fact]
    public async Task Mail_ServerIsAway_WaitsWithoutCountingAndIsSentWhenItIsBack()
    {
        await AddAsync();
        var away = new SmtpReceiver();
        var port = away.Port;
        await away.DisposeAsync();

        await Assert.ThrowsAsync<MailUnavailableException>(() => SendAllAsync(port));
        Assert.Equal((null, 0), (await ReadAsync()).Select(row => (row.SentAt, row.Attempts)).Single());

        await using var back = new SmtpReceiver(port);
        await SendAllAsync(port);

        Assert.Single(back.Mails);
        Assert.NotNull((await ReadAsync()).Single().SentAt);
    }

    [Fact]
    public async Task Mails_UsersIsAway_WaitWithoutCountingAndAreSentWhenItIsBack()
    {
        for (var i = 0; i < 3; i++)
            await AddAsync();

        await Assert.ThrowsAsync<RpcException>(() => SendAllAsync(_server.Port, new NoAddresses()));
        Assert.All(await ReadAsync(), row => Assert.Equal((null, 0), (row.SentAt, row.Attempts)));
        await SendAllAsync(_server.Port);

        Assert.Equal(3, _server.Mails.Count);
    }

    [Fact]
    public async Task Mail_ServerHangsUpBeforeItAnswers_IsSentAgainWithTheSameId()
    {
        await AddAsync();
        _server.Verdict = _ => null;
        await Assert.ThrowsAsync<MailUnavailableException>(() => SendAllAsync(_server.Port));
        Assert.Null((await ReadAsync()).Single().SentAt);
        _server.Verdict = _ => "250 OK";

        await SendAllAsync(_server.Port);
        Assert.Single(_server.Mails); // its lease has not run out
        await EndLeasesAsync();
        await SendAllAsync(_server.Port);

        Assert.Equal(2, _server.Mails.Count);
        Assert.Single(_server.Mails.Select(mail => mail.MessageId).Distinct());
        Assert.NotNull((await ReadAsync()).Single().SentAt);
    }

    [Theory]
    [InlineData("550 no such mailbox", 1)]
    [InlineData("450 not now", 3)]
    public async Task Mail_Refused_IsGivenUpAfterAsManyAttemptsAsMakeSense(string verdict, int attempts)
    {
        await AddAsync();
        _server.Verdict = _ => verdict;

        for (var i = 0; i < 5; i++)
        {
            await SendAllAsync(_server.Port);
            await EndLeasesAsync();
        }

        Assert.Equal(attempts, _server.Mails.Count);
        Assert.Equal((null, null, attempts), (await ReadAsync()).Select(row => (row.SentAt, row.DueAt, row.Attempts)).Single());
    }

    [Fact]
    public async Task Mail_NoServer_IsAFile()
    {
        await AddAsync();
        var directory = Directory.CreateTempSubdirectory("shop-mail-");
        try
        {
            var options = Options.Create(new MailOptions { PickupDirectory = directory.FullName });
            await SendAllAsync(new PickupTransport(options, NullLogger<PickupTransport>.Instance), options);

            var mail = await MimeKit.MimeMessage.LoadAsync(Assert.Single(directory.GetFiles("*.eml")).FullName, Cancelled);
            Assert.Equal("ann@example.com", mail.To.Mailboxes.Single().Address);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private async Task AddAsync()
    {
        await using var database = _database.Open();
        database.Add(new Notification
        {
            UserId = Guid.NewGuid(),
            OrderId = Guid.NewGuid(),
            Kind = NotificationKind.OrderConfirmed,
            Channel = NotificationChannel.Email,
            DueAt = DateTimeOffset.UnixEpoch,
        });
        await database.SaveChangesAsync(Cancelled);
    }

    private async Task EndLeasesAsync()
    {
        await using var database = _database.Open();
        await database.Database.ExecuteSqlAsync($"UPDATE notifications SET due_at = '-infinity' WHERE due_at IS NOT NULL", Cancelled);
    }

    private async Task<List<Notification>> ReadAsync()
    {
        await using var database = _database.Open();
        return await database.Notifications.AsNoTracking().ToListAsync(Cancelled);
    }

    private async Task SendAllAsync(int port, IAddressBook? addresses = null)
    {
        var options = Options.Create(new MailOptions { Host = "127.0.0.1", Port = port, UseTls = false, MaxAttempts = 3 });
        using var transport = new SmtpTransport(options);
        await SendAllAsync(transport, options, addresses);
    }

    private async Task SendAllAsync(IMailTransport transport, IOptions<MailOptions> options, IAddressBook? addresses = null)
    {
        await using var services = new ServiceCollection().AddScoped(_ => _database.Open()).BuildServiceProvider();
        using var sender = new MailSender(
            services.GetRequiredService<IServiceScopeFactory>(),
            transport,
            addresses ?? new OneAddress(),
            options,
            new HostingEnvironment { ApplicationName = "Notifications" },
            TimeProvider.System,
            NullLogger<MailSender>.Instance);
        while (await sender.SendDueAsync(Cancelled))
        {
            // There is more.
        }
    }

    private sealed class NoAddresses : IAddressBook
    {
        public Task<Recipient?> FindAsync(Guid userId, CancellationToken cancellationToken) =>
            throw new RpcException(new Status(StatusCode.Unavailable, "Users is away."));
    }

    private sealed class OneAddress : IAddressBook
    {
        public Task<Recipient?> FindAsync(Guid userId, CancellationToken cancellationToken) =>
            Task.FromResult<Recipient?>(new Recipient("Ann Lee", "ann@example.com"));
    }
}
