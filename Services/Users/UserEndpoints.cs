using MassTransit;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Shop.Users;

internal static class UserEndpoints
{
    public static void MapUsers(this IEndpointRouteBuilder endpoints)
    {
        var users = endpoints.MapGroup("/api/v2/users").WithTags("Users");
        users.MapPost("/", CreateUser).AllowAnyone().ProducesProblem(StatusCodes.Status409Conflict);
        users.MapGet("/", ListUsers).RequireAdmin();

        var user = users.MapGroup("/{id:guid}").RequireSelfOrAdmin("id");
        user.MapGet("/", GetUser);
        user.MapGet("/addresses", GetAddresses);
        user.MapGet("/preferences", GetPreferences);

        var change = user.MapGroup("").AddEndpointFilter(InTransactionAsync);
        change.MapPut("/", UpdateUser).ProducesProblem(StatusCodes.Status409Conflict);
        change.MapDelete("/", DeleteUser).ProducesProblem(StatusCodes.Status409Conflict);
        change.MapPut("/roles", SetRoles).RequireAdmin().ProducesProblem(StatusCodes.Status409Conflict);
        change.MapPut("/addresses", SetAddresses);
        change.MapDelete("/addresses", DeleteAddresses);
        change.MapPut("/preferences", SetPreferences);
        change.MapDelete("/preferences", ResetPreferences);
    }

    /// <summary>The account is locked when it is read, and changes when the transaction ends. What is refused changes nothing.</summary>
    private static async ValueTask<object?> InTransactionAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var database = context.HttpContext.RequestServices.GetRequiredService<UsersDbContext>();
        await using var transaction = await database.Database.BeginTransactionAsync(context.HttpContext.RequestAborted);
        var answer = await next(context);
        if (answer is not INestedHttpResult { Result: ProblemHttpResult })
            await transaction.CommitAsync(context.HttpContext.RequestAborted);
        return answer;
    }

    private static async Task<Results<Created<UserResponse>, ProblemHttpResult>> CreateUser(CreateUserRequest request, Accounts accounts) =>
        await accounts.RegisterAsync(request.Email, request.Name, request.Phone, request.Password) is { } user
            ? TypedResults.Created($"/api/v2/users/{user.Id}", UserResponse.From(user))
            : EmailTaken();

    private static async Task<Ok<Page<UserResponse>>> ListUsers(
        [AsParameters] PageRequest page, UsersDbContext database, CancellationToken cancellationToken)
    {
        var found = await database.Users.AsNoTracking()
            .Where(user => user.Id < page.Before)
            .OrderByDescending(user => user.Id)
            .Take(page.Take)
            .ToListAsync(cancellationToken);
        return TypedResults.Ok(page.ToPage([.. found.Select(UserResponse.From)], user => user.Id));
    }

    private static async Task<Results<Ok<UserResponse>, ProblemHttpResult>> GetUser(
        Guid id, UsersDbContext database, CancellationToken cancellationToken) =>
        await database.Users.FindAsync([id], cancellationToken) is { } user ? TypedResults.Ok(UserResponse.From(user)) : NoUser(id);

    private static async Task<Results<Ok<UserResponse>, ProblemHttpResult>> UpdateUser(
        Guid id, UpdateUserRequest request, UsersDbContext database, Accounts accounts, CancellationToken cancellationToken)
    {
        if (await database.LockUserAsync(id, cancellationToken) is not { } user)
            return NoUser(id);
        return await accounts.ChangeAsync(user, request.Email, request.Name, request.Phone)
            ? TypedResults.Ok(UserResponse.From(user))
            : EmailTaken();
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteUser(
        Guid id, UsersDbContext database, Accounts accounts, CancellationToken cancellationToken)
    {
        if (await database.LockUserAsync(id, cancellationToken) is not { } user)
            return NoUser(id);
        if (user.Roles.Contains(Roles.Admin) && !await accounts.IsAnotherAdminAsync(user, cancellationToken))
            return LastAdmin();
        await accounts.EraseAsync(user, cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<Results<Ok<UserResponse>, ProblemHttpResult>> SetRoles(
        Guid id, SetRolesRequest request, UsersDbContext database, Accounts accounts, CancellationToken cancellationToken)
    {
        if (await database.LockUserAsync(id, cancellationToken) is not { } user)
            return NoUser(id);
        if (user.Roles.Contains(Roles.Admin) && !request.Roles.Contains(Roles.Admin) && !await accounts.IsAnotherAdminAsync(user, cancellationToken))
            return LastAdmin();
        user.Roles = [.. request.Roles.Distinct()];
        await database.SaveChangesAsync(cancellationToken);
        return TypedResults.Ok(UserResponse.From(user));
    }

    private static async Task<Results<Ok<AddressesBody>, ProblemHttpResult>> GetAddresses(
        Guid id, UsersDbContext database, CancellationToken cancellationToken) =>
        await database.Users.FindAsync([id], cancellationToken) is { } user
            ? TypedResults.Ok(new AddressesBody([.. user.Addresses.Select(AddressBody.From)]))
            : NoUser(id);

    private static async Task<Results<Ok<AddressesBody>, ProblemHttpResult>> SetAddresses(
        Guid id, AddressesBody request, UsersDbContext database, CancellationToken cancellationToken)
    {
        if (await database.LockUserAsync(id, cancellationToken) is not { } user)
            return NoUser(id);
        user.Addresses = [.. request.Items.Select(address => address.ToAddress())];
        await database.SaveChangesAsync(cancellationToken);
        return TypedResults.Ok(request);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAddresses(
        Guid id, UsersDbContext database, CancellationToken cancellationToken)
    {
        if (await database.LockUserAsync(id, cancellationToken) is not { } user)
            return NoUser(id);
        user.Addresses = [];
        await database.SaveChangesAsync(cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<Results<Ok<PreferencesBody>, ProblemHttpResult>> GetPreferences(
        Guid id, UsersDbContext database, CancellationToken cancellationToken) =>
        await database.Users.FindAsync([id], cancellationToken) is { } user ? TypedResults.Ok(new PreferencesBody(user.Notifications)) : NoUser(id);

    private static async Task<Results<Ok<PreferencesBody>, ProblemHttpResult>> SetPreferences(
        Guid id, PreferencesBody request, UsersDbContext database, IPublishEndpoint publisher, CancellationToken cancellationToken)
    {
        if (await database.LockUserAsync(id, cancellationToken) is not { } user)
            return NoUser(id);
        await SaveWishesAsync(user, request.Notifications, database, publisher, cancellationToken);
        return TypedResults.Ok(new PreferencesBody(user.Notifications));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> ResetPreferences(
        Guid id, UsersDbContext database, IPublishEndpoint publisher, CancellationToken cancellationToken)
    {
        if (await database.LockUserAsync(id, cancellationToken) is not { } user)
            return NoUser(id);
        await SaveWishesAsync(user, NotificationKinds.All, database, publisher, cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task SaveWishesAsync(
        User user, IEnumerable<string> notifications, UsersDbContext database, IPublishEndpoint publisher, CancellationToken cancellationToken)
    {
        user.Want(notifications);
        await publisher.Publish(
            new NotificationPreferencesChanged(user.Id, user.Notifications, user.NotificationsVersion), cancellationToken);
        await database.SaveChangesAsync(cancellationToken);
    }

    private static ProblemHttpResult NoUser(Guid id) => Problems.NotFound($"There is no user {id}.");

    private static ProblemHttpResult EmailTaken() => Problems.Conflict("An account with this e-mail address exists already.");

    private static ProblemHttpResult LastAdmin() => Problems.Conflict("This is the last administrator: the shop must have one.");
}
