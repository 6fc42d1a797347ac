using System.ComponentModel.DataAnnotations;

namespace Shop.Users;

/// <summary>The body of <c>POST /api/v2/users</c>.</summary>
public sealed record CreateUserRequest(
    [property: Required, EmailAddress, MaxLength(254)] string Email,
    [property: Required, MaxLength(200)] string Name,
    [property: Phone, MaxLength(32)] string? Phone,
    [property: Required, MinLength(8), MaxLength(128)] string Password);

/// <summary>A user as clients of version 2 see it; the gateway makes version 1 from it.</summary>
public sealed record UserResponse(Guid Id, string Name, string Email, string? Phone, IReadOnlyList<string> Roles, DateTimeOffset CreatedAt)
{
    internal static UserResponse From(User user) => new(user.Id, user.Name, user.Email, user.Phone, user.Roles, user.CreatedAt);
}
