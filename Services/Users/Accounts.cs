using MassTransit;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using OpenIddict.Abstractions;

namespace Shop.Users;

/// <summary>Makes, changes and erases accounts.</summary>
internal sealed class Accounts(
    UserManager<User> users,
    UsersDbContext database,
    IPublishEndpoint publisher,
    IOpenIddictTokenManager tokens,
    IOpenIddictAuthorizationManager authorizations,
    TimeProvider clock)
{
    /// <summary>Makes an account of a customer; null where the e-mail address is taken.</summary>
    public async Task<User?> RegisterAsync(string email, string name, string? phone, string password)
    {
        var user = new User { Email = email, UserName = email, Name = name, PhoneNumber = phone, CreatedAt = clock.GetDatabaseNow() };
        return await SaveAsync(() => users.CreateAsync(user, password)) ? user : null;
    }

    /// <summary>Changes an account that is locked; false where the e-mail address is taken.</summary>
    public async Task<bool> ChangeAsync(User user, string email, string name, string? phone)
    {
        user.Email = email;
        user.UserName = email;
        user.Name = name;
        user.PhoneNumber = phone;
        return await SaveAsync(() => users.UpdateAsync(user));
    }

    /// <summary>
    /// Whether there is an administrator beside this user. Until the transaction ends nobody else is told: of the last two, who both want to
    /// go, one stays.
    /// </summary>
    public async Task<bool> IsAnotherAdminAsync(User user, CancellationToken cancellationToken)
    {
        await database.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock(hashtext('administrators'))", cancellationToken);
        return await database.Users.AnyAsync(other => other.Id != user.Id && other.Roles.Contains(Roles.Admin), cancellationToken);
    }

    /// <summary>Erases an account that is locked: nothing of the user stays here, nobody stays signed in, and the other services hear of it.</summary>
    public async Task EraseAsync(User user, CancellationToken cancellationToken)
    {
        var subject = user.Id.ToString();
        await tokens.RevokeBySubjectAsync(subject, cancellationToken);
        await authorizations.RevokeBySubjectAsync(subject, cancellationToken);
        database.Remove(user);
        await publisher.Publish(new UserDeleted(user.Id), cancellationToken);
        await database.SaveChangesAsync(cancellationToken);
    }

    /// <summary>Two requests may ask for one address at once: the database says which of them was first.</summary>
    private static async Task<bool> SaveAsync(Func<Task<IdentityResult>> save)
    {
        try
        {
            var result = await save();
            return result.Succeeded || (result.Errors.All(error => error.Code is nameof(IdentityErrorDescriber.DuplicateEmail) or nameof(IdentityErrorDescriber.DuplicateUserName))
                ? false
                : throw new InvalidOperationException(string.Join(' ', result.Errors.Select(error => error.Description))));
        }
        catch (DbUpdateException failure) when (failure.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            return false;
        }
    }
}
