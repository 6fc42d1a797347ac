using Shop.Notifications;
using Shop.Notifications.Mail;

namespace Shop.Tests.Notifications;

/// <summary>What stands in a mail, whatever a customer is called.</summary>
public sealed class OrderMailTests
{
    private static readonly Notification Confirmed = new()
    {
        UserId = Guid.NewGuid(), OrderId = Guid.NewGuid(), Kind = NotificationKind.OrderConfirmed, Channel = NotificationChannel.Email, DueAt = null,
    };

    [Fact]
    public async Task Mail_NameWithHeadersAndMarkup_StaysAName()
    {
        var recipient = new Recipient("Ann\r\nBcc: eve@example.com\r\n\r\n<script>", "ann@example.com");

        using var wire = new MemoryStream();
        await OrderMail.Compose(Confirmed, recipient, "Shop <shop@example.com>").WriteToAsync(wire, TestContext.Current.CancellationToken);
        wire.Position = 0;
        var mail = await MimeKit.MimeMessage.LoadAsync(wire, TestContext.Current.CancellationToken);

        Assert.Empty(mail.Bcc);
        Assert.Equal("ann@example.com", Assert.Single(mail.To.Mailboxes).Address);
        Assert.DoesNotContain("<script>", mail.HtmlBody, StringComparison.Ordinal);
        Assert.Contains("&lt;script&gt;", mail.HtmlBody, StringComparison.Ordinal);
    }

    [Fact]
    public void Mail_OfOneNotification_HasTheSameIdEachTime()
    {
        var recipient = new Recipient("Ann Lee", "ann@example.com");

        var (first, second) = (OrderMail.Compose(Confirmed, recipient, "shop@example.com"), OrderMail.Compose(Confirmed, recipient, "shop@example.com"));

        Assert.Equal($"{Confirmed.Id}@example.com", first.MessageId);
        Assert.Equal((first.MessageId, first.Date), (second.MessageId, second.Date));
        Assert.Equal("Your order is confirmed", first.Subject);
        Assert.Contains("Dear Ann Lee,", first.TextBody, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_Wrong_NameEveryError()
    {
        var options = new MailOptions { From = "nobody at all@", UserName = "shop", Port = 25, UseTls = false };

        Assert.Equal(2, options.Validate(new(options)).Count());
        Assert.Single(new MailOptions { UserName = "shop", Password = "secret", UseTls = false }.Validate(new(options)));
        Assert.Empty(new MailOptions { Host = "mail.test", UserName = "shop", Password = "secret" }.Validate(new(options)));
    }
}
