using System.ComponentModel.DataAnnotations;

namespace Shop.Gateway.Versions;

/// <summary>The section <c>Deprecation</c>: when version 1, where there is a version 2 of it, went out of fashion, and when it ends.</summary>
internal sealed class DeprecationOptions : IValidatableObject
{
    public const string Section = "Deprecation";

    /// <summary>Since when new clients should use the next version.</summary>
    [Required]
    public DateTimeOffset? Since { get; init; }

    /// <summary>From when on the old version may be gone.</summary>
    [Required]
    public DateTimeOffset? Sunset { get; init; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Sunset < Since)
            yield return new ValidationResult($"{Section}:{nameof(Sunset)}: it is before {Section}:{nameof(Since)}.");
    }
}
