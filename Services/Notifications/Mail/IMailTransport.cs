using MimeKit;

namespace Shop.Notifications.Mail;

/// <summary>The way that mails leave. Opened, used for some mails one after the other, and closed again.</summary>
internal interface IMailTransport
{
    /// <exception cref="MailUnavailableException">Nothing can be sent just now.</exception>
    Task OpenAsync(CancellationToken cancellationToken);

    /// <exception cref="MailRefusedException">This mail is not taken; the next one may be.</exception>
    /// <exception cref="MailUnavailableException">Nothing can be sent any more; whether this mail has left is not known.</exception>
    Task SendAsync(MimeMessage mail, CancellationToken cancellationToken);

    Task CloseAsync(CancellationToken cancellationToken);
}

/// <summary>The server is away.</summary>
internal sealed class MailUnavailableException(Exception reason) : Exception("The mail server cannot be used just now.", reason);

/// <summary>The server answered, and took the mail not; its own words may hold an address, and are left out.</summary>
/// <param name="status">The SMTP status.</param>
internal sealed class MailRefusedException(int status) : Exception($"The mail server answered {status}.")
{
    /// <summary>Whether trying again would change nothing.</summary>
    public bool IsForGood => status >= 500;
}
