namespace Shop.Users;

/// <summary>Somebody with an account.</summary>
public sealed class User
{
    /// <summary>UUIDv7.</summary>
    public Guid Id { get; private init; } = Guid.CreateVersion7();

    /// <summary>As given; unique whatever its case.</summary>
    public required string Email { get; init; }

    /// <summary>What to call the user.</summary>
    public required string Name { get; init; }

    /// <summary>Telephone number, if given.</summary>
    public string? Phone { get; init; }

    /// <summary>Hash in ASP.NET Core Identity's format.</summary>
    public string PasswordHash { get; set; } = "";

    /// <summary><c>customer</c>, <c>admin</c>.</summary>
    public List<string> Roles { get; init; } = [Role.Customer];

    /// <summary>When the account was made (UTC).</summary>
    public DateTimeOffset CreatedAt { get; init; }
}

/// <summary>What a user may be.</summary>
public static class Role
{
    /// <summary>Places orders.</summary>
    public const string Customer = "customer";

    /// <summary>Runs the shop.</summary>
    public const string Admin = "admin";
}
