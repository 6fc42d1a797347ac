using System.ComponentModel.DataAnnotations;

namespace Shop.Users;

/// <summary>The body of <c>POST /api/v2/users</c>.</summary>
public sealed record CreateUserRequest(
    [property: Required, EmailAddress, MaxLength(254)] string Email,
    [property: Required, MaxLength(200)] string Name,
    [property: Phone, MaxLength(32)] string? Phone,
    [property: Required, MinLength(8), MaxLength(128)] string Password);

/// <summary>The body of <c>PUT /api/v2/users/{id}</c>.</summary>
public sealed record UpdateUserRequest(
    [property: Required, EmailAddress, MaxLength(254)] string Email,
    [property: Required, MaxLength(200)] string Name,
    [property: Phone, MaxLength(32)] string? Phone);

/// <summary>The body of <c>PUT /api/v2/users/{id}/roles</c>.</summary>
/// <param name="Roles"><c>customer</c>, <c>admin</c>, or both.</param>
public sealed record SetRolesRequest([property: Required, MinLength(1), MaxLength(2)] IReadOnlyList<string> Roles) : IValidatableObject
{
    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        OneOf.Check(Roles, [ServiceDefaults.Identity.Roles.Customer, ServiceDefaults.Identity.Roles.Admin], nameof(Roles));
}

/// <summary>What a user wants to be told: the body of <c>/api/v2/users/{id}/preferences</c>.</summary>
/// <param name="Notifications">Some of <c>OrderConfirmed</c>, <c>OrderShipped</c>, <c>OrderDelivered</c>, <c>OrderCancelled</c>, or none.</param>
public sealed record PreferencesBody([property: Required, MaxLength(20)] IReadOnlyList<string> Notifications) : IValidatableObject
{
    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        OneOf.Check(Notifications, NotificationKinds.All, nameof(Notifications));
}

/// <summary>A user's addresses: the body of <c>/api/v2/users/{id}/addresses</c>.</summary>
/// <param name="Items">At most 20.</param>
public sealed record AddressesBody([property: Required, MaxLength(20), NoNullItems] IReadOnlyList<AddressBody> Items);

/// <summary>A postal address as clients send and see it.</summary>
public sealed record AddressBody(
    [property: Required, MaxLength(200)] string Name,
    [property: Required, MaxLength(200)] string Line1,
    [property: MaxLength(200)] string? Line2,
    [property: Required, MaxLength(100)] string City,
    [property: Required, MaxLength(20)] string PostalCode,
    [property: Required, RegularExpression("^[A-Z]{2}$", ErrorMessage = "The country is a two-letter ISO 3166-1 code.")] string Country)
{
    internal PostalAddress ToAddress() => new(Name, Line1, Line2, City, PostalCode, Country);

    internal static AddressBody From(PostalAddress address) =>
        new(address.Name, address.Line1, address.Line2, address.City, address.PostalCode, address.Country);
}

/// <summary>A user as clients of version 2 see it; the gateway makes version 1 from it.</summary>
public sealed record UserResponse(Guid Id, string Name, string Email, string? Phone, IReadOnlyList<string> Roles, DateTimeOffset CreatedAt)
{
    internal static UserResponse From(User user) => new(user.Id, user.Name, user.Email!, user.PhoneNumber, user.Roles, user.CreatedAt);
}

/// <summary>Values of a list that must be of a known few.</summary>
internal static class OneOf
{
    public static IEnumerable<ValidationResult> Check(IReadOnlyList<string> values, IReadOnlyCollection<string> known, string member)
    {
        for (var i = 0; i < values.Count; i++)
        {
            if (!known.Contains(values[i]))
                yield return new ValidationResult($"The value must be one of {string.Join(", ", known)}.", [$"{member}[{i}]"]);
        }
    }
}
