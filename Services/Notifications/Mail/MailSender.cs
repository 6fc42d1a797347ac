using System.Diagnostics;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using MimeKit;
using OpenTelemetry;

namespace Shop.Notifications.Mail;

/// <summary>
/// Sends what has not been sent yet. The row of a notification is its mail's place in the outbox: it is taken by a lease that grows with the
/// attempts, sent outside any transaction, and marked. Any number of replicas may do so. A mail is sent twice only where its mark is lost
/// with a process or the database; both carry the same Message-ID.
/// </summary>
internal sealed partial class MailSender(
    IServiceScopeFactory scopes,
    IMailTransport transport,
    IAddressBook addresses,
    IOptions<MailOptions> options,
    IHostEnvironment environment,
    TimeProvider clock,
    ILogger<MailSender> logger) : BackgroundService
{
    private const int BatchSize = 20;

    /// <summary>How long the first attempt of a mail may take before another replica takes it; each further one twice as long.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan LongestLease = TimeSpan.FromHours(1);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private readonly ActivitySource _activities = new(environment.ApplicationName);

    /// <summary>Sends one batch.</summary>
    /// <returns>Whether there may be more.</returns>
    internal async Task<bool> SendDueAsync(CancellationToken cancellationToken)
    {
        if (!await IsAnyDueAsync(cancellationToken))
            return false;

        // Before any row is taken: while the server is away no attempt is counted, and no row has to wait for its lease afterwards.
        await transport.OpenAsync(cancellationToken);
        try
        {
            var leasedSince = clock.GetTimestamp();
            var batch = await LeaseAsync(cancellationToken);
            for (var i = 0; i < batch.Count; i++)
            {
                // What is left then is taken when its lease has run out.
                if (clock.GetElapsedTime(leasedSince) > Lease / 2)
                    break;
                try
                {
                    await SendAsync(batch[i], cancellationToken);
                }
                catch (Exception away) when (away is RpcException or MailUnavailableException)
                {
                    // Where Users is away this mail has not been tried either. Where the mail server is, it may have been.
                    await GiveBackAsync(batch[(away is RpcException ? i : i + 1)..]);
                    throw;
                }
            }

            return batch.Count == BatchSize;
        }
        finally
        {
            await transport.CloseAsync(CancellationToken.None);
        }
    }

    public override void Dispose()
    {
        _activities.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                while (await SendDueAsync(stoppingToken))
                {
                    // There is more.
                }
            }
            catch (RpcException) when (stoppingToken.IsCancellationRequested)
            {
                // A call that was under way says in its own words that it was cancelled.
                return;
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                LogPostponed(failure);
                await Task.Delay(Pause, clock, stoppingToken);
            }
        }
    }

    private async Task SendAsync(Notification notification, CancellationToken cancellationToken)
    {
        _ = ActivityContext.TryParse(notification.TraceParent, null, isRemote: true, out var cause);
        using var activity = _activities.StartActivity("send mail", ActivityKind.Client, cause);
        activity?.SetTag("order.id", notification.OrderId).SetTag("notification.kind", notification.Kind);
        try
        {
            if (await addresses.FindAsync(notification.UserId, cancellationToken) is not { } recipient)
            {
                await GiveUpAsync(notification, "The customer is no longer there.");
                return;
            }

            await transport.SendAsync(OrderMail.Compose(notification, recipient, options.Value.From), cancellationToken);
            await SettleAsync(notification.Id, clock.GetDatabaseNow());
            MailMetrics.Count("sent");
            LogSent(notification.Kind, notification.OrderId);
        }
        catch (MailRefusedException refusal) when (!refusal.IsForGood && notification.Attempts < options.Value.MaxAttempts)
        {
            activity?.SetStatus(ActivityStatusCode.Error, refusal.Message);
            MailMetrics.Count("refused");
            LogRefused(notification.Id, notification.Attempts, refusal.Message);
        }
        catch (MailRefusedException refusal)
        {
            activity?.SetStatus(ActivityStatusCode.Error, refusal.Message);
            await GiveUpAsync(notification, refusal.Message);
        }
        catch (ParseException)
        {
            await GiveUpAsync(notification, "The customer's address is none.");
        }
    }

    private async Task GiveUpAsync(Notification notification, string reason)
    {
        await SettleAsync(notification.Id, sentAt: null);
        MailMetrics.Count("given up");
        LogGivenUp(notification.Id, notification.Attempts, reason);
    }

    /// <summary>Not to be interrupted: what has left must be marked.</summary>
    private async Task SettleAsync(Guid id, DateTimeOffset? sentAt)
    {
        await using var scope = scopes.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<NotificationsDbContext>().Notifications
            .Where(notification => notification.Id == id)
            .ExecuteUpdateAsync(row => row.SetProperty(n => n.SentAt, sentAt).SetProperty(n => n.DueAt, (DateTimeOffset?)null), CancellationToken.None);
    }

    /// <summary>What has not been tried is due again at once, and its attempt does not count.</summary>
    private async Task GiveBackAsync(IEnumerable<Notification> untried)
    {
        Guid[] ids = [.. untried.Select(notification => notification.Id)];
        await using var scope = scopes.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<NotificationsDbContext>().Database.ExecuteSqlAsync(
            $"UPDATE notifications SET attempts = attempts - 1, due_at = clock_timestamp() WHERE id = ANY ({ids}) AND due_at IS NOT NULL", CancellationToken.None);
    }

    private async Task<bool> IsAnyDueAsync(CancellationToken cancellationToken)
    {
        using var untraced = SuppressInstrumentationScope.Begin();
        await using var scope = scopes.CreateAsyncScope();
        var database = scope.ServiceProvider.GetRequiredService<NotificationsDbContext>().Database;
        return await database.SqlQuery<bool>($"""SELECT EXISTS (SELECT FROM notifications WHERE due_at <= statement_timestamp()) AS "Value" """)
            .SingleAsync(cancellationToken);
    }

    private async Task<List<Notification>> LeaseAsync(CancellationToken cancellationToken)
    {
        using var untraced = SuppressInstrumentationScope.Begin();
        await using var scope = scopes.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<NotificationsDbContext>().Notifications
            .FromSql($"""
                WITH due AS MATERIALIZED (
                    SELECT id FROM notifications WHERE due_at <= statement_timestamp() ORDER BY due_at LIMIT {BatchSize} FOR UPDATE SKIP LOCKED)
                UPDATE notifications AS notification
                SET attempts = notification.attempts + 1,
                    due_at = clock_timestamp() + least({Lease} * power(2, notification.attempts), {LongestLease})
                FROM due WHERE notification.id = due.id
                RETURNING notification.*
                """)
            .AsNoTracking()
            .ToListAsync(cancellationToken);
    }

    [LoggerMessage(LogLevel.Information, "{Kind} for order {OrderId} was mailed")]
    private partial void LogSent(NotificationKind kind, Guid orderId);

    [LoggerMessage(LogLevel.Warning, "No mail can be sent just now; it will be tried again")]
    private partial void LogPostponed(Exception failure);

    [LoggerMessage(LogLevel.Warning, "The mail of notification {Id} was refused at attempt {Attempt}, and will be tried again: {Reason}")]
    private partial void LogRefused(Guid id, int attempt, string reason);

    [LoggerMessage(LogLevel.Error, "The mail of notification {Id} is given up after {Attempts} attempts: {Reason}")]
    private partial void LogGivenUp(Guid id, int attempts, string reason);
}
