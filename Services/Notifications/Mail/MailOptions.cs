using System.ComponentModel.DataAnnotations;
using MimeKit;

namespace Shop.Notifications.Mail;

/// <summary>The section <c>Mail</c>: by which server mails leave, in whose name, and how often a refused one is tried.</summary>
public sealed class MailOptions : IValidatableObject
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Mail";

    /// <summary>The SMTP server; without one, mails are written to <see cref="PickupDirectory"/> instead.</summary>
    public string? Host { get; init; }

    /// <summary>The server's port; with 465, TLS begins at once.</summary>
    [Range(1, 65_535)]
    public int Port { get; init; } = 587;

    /// <summary>What to sign in with at the server; without it nobody signs in.</summary>
    public string? UserName { get; init; }

    /// <summary>What to sign in with at the server.</summary>
    public string? Password { get; init; }

    /// <summary>Whether nothing is said to the server but by TLS.</summary>
    public bool UseTls { get; init; } = true;

    /// <summary>Whom mails come from.</summary>
    public string From { get; init; } = "Shop <no-reply@shop.local>";

    /// <summary>Where mails are written, a file each, when there is no server.</summary>
    public string PickupDirectory { get; init; } = Path.Combine(Path.GetTempPath(), "shop-mail");

    /// <summary>How often a mail that the server refuses for now is tried.</summary>
    [Range(1, 20)]
    public int MaxAttempts { get; init; } = 10;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!MailboxAddress.TryParse(From, out _))
            yield return new ValidationResult($"{Section}:From is not an address such as Shop <shop@example.com>.");
        if (string.IsNullOrEmpty(UserName) != string.IsNullOrEmpty(Password))
            yield return new ValidationResult($"{Section}:UserName and {Section}:Password go together: one of them is missing.");
        if (!string.IsNullOrEmpty(Password) && !UseTls)
            yield return new ValidationResult($"{Section}:UseTls must be true where there is a {Section}:Password: it would be readable on its way.");
    }
}
