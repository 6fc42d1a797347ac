using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Shop.Users;

internal static class UserEndpoints
{
    public static void MapUsers(this IEndpointRouteBuilder endpoints)
    {
        var users = endpoints.MapGroup("/api/v2/users").WithTags("Users");
        users.MapPost("/", CreateUser);
        users.MapGet("/{id:guid}", GetUser).WithName(nameof(GetUser));
    }

    private static async Task<Results<Created<UserResponse>, ProblemHttpResult>> CreateUser(
        CreateUserRequest request,
        UsersDbContext database,
        IPasswordHasher<User> hasher,
        TimeProvider clock,
        CancellationToken cancellationToken)
    {
        var user = new User { Email = request.Email, Name = request.Name, Phone = request.Phone, CreatedAt = clock.GetDatabaseNow() };
        user.PasswordHash = hasher.HashPassword(user, request.Password);
        database.Add(user);
        try
        {
            await database.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException failure) when (failure.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            return Problems.Conflict("An account with this e-mail address exists already.");
        }

        return TypedResults.Created($"/api/v2/users/{user.Id}", UserResponse.From(user));
    }

    private static async Task<Results<Ok<UserResponse>, ProblemHttpResult>> GetUser(
        Guid id, UsersDbContext database, CancellationToken cancellationToken) =>
        await database.Users.FindAsync([id], cancellationToken) is { } user
            ? TypedResults.Ok(UserResponse.From(user))
            : Problems.NotFound($"There is no user {id}.");
}
