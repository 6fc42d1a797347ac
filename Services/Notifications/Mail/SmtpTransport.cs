using System.Net.Sockets;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using Microsoft.Extensions.Options;
using MimeKit;

namespace Shop.Notifications.Mail;

/// <summary>A server that speaks SMTP.</summary>
internal sealed class SmtpTransport(IOptions<MailOptions> options) : IMailTransport, IDisposable
{
    private readonly SmtpClient _client = new() { Timeout = 10_000 };

    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        var mail = options.Value;
        var security = !mail.UseTls ? SecureSocketOptions.None : mail.Port == 465 ? SecureSocketOptions.SslOnConnect : SecureSocketOptions.StartTls;
        try
        {
            await _client.ConnectAsync(mail.Host!, mail.Port, security, cancellationToken);
            if (!string.IsNullOrEmpty(mail.UserName))
                await _client.AuthenticateAsync(mail.UserName, mail.Password!, cancellationToken);
        }
        catch (Exception failure) when (IsAway(failure) || failure is SmtpCommandException or AuthenticationException)
        {
            await CloseAsync(cancellationToken);
            throw new MailUnavailableException(failure);
        }
    }

    public async Task SendAsync(MimeMessage mail, CancellationToken cancellationToken)
    {
        try
        {
            await _client.SendAsync(mail, cancellationToken);
        }
        catch (SmtpCommandException refusal)
        {
            throw new MailRefusedException((int)refusal.StatusCode);
        }
        catch (Exception failure) when (IsAway(failure))
        {
            throw new MailUnavailableException(failure);
        }
    }

    public async Task CloseAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _client.DisconnectAsync(quit: true, cancellationToken);
        }
        catch (Exception failure) when (IsAway(failure))
        {
            // It is gone already.
        }
    }

    public void Dispose() => _client.Dispose();

    private static bool IsAway(Exception failure) => failure
        is SocketException or IOException or TimeoutException or ProtocolException or SslHandshakeException
        or ServiceNotConnectedException or ServiceNotAuthenticatedException or NotSupportedException;
}
