using System.Collections;
using System.ComponentModel.DataAnnotations;

namespace Shop.ServiceDefaults;

/// <summary>Refuses a list with a JSON <c>null</c> in it: validation looks into the items that there are, and passes over those that are none.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class NoNullItemsAttribute() : ValidationAttribute("None of the items may be null.")
{
    /// <inheritdoc/>
    public override bool IsValid(object? value) => value is not IEnumerable items || items.Cast<object?>().All(item => item is not null);
}
