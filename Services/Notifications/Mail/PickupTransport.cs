using Microsoft.Extensions.Options;
using MimeKit;

namespace Shop.Notifications.Mail;

/// <summary>A folder of <c>.eml</c> files: for a shop that nobody gave a mail server, so that its mails can be looked at.</summary>
internal sealed partial class PickupTransport(IOptions<MailOptions> options, ILogger<PickupTransport> logger) : IMailTransport
{
    private bool _isTold;

    public Task OpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            // Readable by nobody else: names and addresses are in it.
            if (OperatingSystem.IsWindows())
                Directory.CreateDirectory(options.Value.PickupDirectory);
            else
                Directory.CreateDirectory(options.Value.PickupDirectory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new MailUnavailableException(failure);
        }

        if (!_isTold)
            LogDirectory(options.Value.PickupDirectory);
        _isTold = true;
        return Task.CompletedTask;
    }

    /// <summary>By the mail's own id, and whole from the beginning: a repetition makes no second file.</summary>
    public async Task SendAsync(MimeMessage mail, CancellationToken cancellationToken)
    {
        var path = Path.Combine(options.Value.PickupDirectory, $"{mail.MessageId!.Split('@')[0]}.eml");
        var unfinished = $"{path}.{Guid.NewGuid():N}";
        try
        {
            await mail.WriteToAsync(unfinished, cancellationToken);
            File.Move(unfinished, path, overwrite: true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new MailUnavailableException(failure);
        }
    }

    public Task CloseAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(LogLevel.Information, "There is no Mail:Host: mails are written to {Directory}")]
    private partial void LogDirectory(string directory);
}
