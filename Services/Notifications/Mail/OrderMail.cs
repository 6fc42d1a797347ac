using System.Net;
using MimeKit;

namespace Shop.Notifications.Mail;

/// <summary>A customer's name and address, as they are now.</summary>
public sealed record Recipient(string Name, string Address);

/// <summary>What is written to a customer.</summary>
internal static class OrderMail
{
    /// <summary>Makes the mail of a notification: every time the same, and with the same id, so that a repetition can be recognised.</summary>
    /// <exception cref="ParseException">The recipient's address is none.</exception>
    public static MimeMessage Compose(Notification notification, Recipient recipient, string from)
    {
        var sender = MailboxAddress.Parse(from);
        var (subject, sentence) = Words(notification);
        return new MimeMessage
        {
            MessageId = $"{notification.Id}@{sender.Domain}",
            Date = UuidTime(notification.Id),
            From = { sender },
            // A line break in a name would begin a header of its own.
            To = { new MailboxAddress(string.Concat(recipient.Name.Where(letter => !char.IsControl(letter))), MailboxAddress.Parse(recipient.Address).Address) },
            Subject = subject,
            // No answers from machines, and none to one.
            Headers = { { "Auto-Submitted", "auto-generated" } },
            Body = new BodyBuilder
            {
                TextBody = $"Dear {recipient.Name},\n\n{sentence}\n\nYour order: {notification.OrderId}\n",
                HtmlBody = $"<!doctype html><html lang=\"en\"><body><p>Dear {WebUtility.HtmlEncode(recipient.Name)},</p><p>{sentence}</p><p>Your order: {notification.OrderId}</p></body></html>\n",
            }.ToMessageBody(),
        };
    }

    private static (string Subject, string Sentence) Words(Notification notification) => notification.Kind switch
    {
        NotificationKind.OrderConfirmed => ("Your order is confirmed", "thank you for your order. It is paid, and will be sent soon."),
        NotificationKind.OrderShipped => ("Your order is on its way", "the carrier has your parcel."),
        NotificationKind.OrderDelivered => ("Your order has arrived", "your parcel has been delivered."),
        NotificationKind.OrderCancelled => ("Your order is cancelled", "your order has been cancelled. What was paid is paid back."),
        _ => throw new InvalidOperationException($"Nothing is written about {notification.Kind}."),
    };

    /// <summary>When a UUIDv7 was made.</summary>
    private static DateTimeOffset UuidTime(Guid id) =>
        DateTimeOffset.FromUnixTimeMilliseconds(Convert.ToInt64(id.ToString("N")[..12], 16));
}
