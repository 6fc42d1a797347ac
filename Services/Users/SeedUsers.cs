using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Shop.Users;

/// <summary>The accounts that a new shop starts with; their passwords come from the AppHost's parameters.</summary>
internal sealed class SeedUsers(IConfiguration configuration)
{
    public async Task AddAsync(UsersDbContext database, CancellationToken cancellationToken)
    {
        if (await database.Users.AnyAsync(cancellationToken))
            return;

        var normalizer = new UpperInvariantLookupNormalizer();
        var hasher = new PasswordHasher<User>();
        Add("admin@shop.local", "Shop Admin", "Seed:AdminPassword", Roles.Admin, Roles.Customer);
        Add("demo@shop.local", "Demo Customer", "Seed:DemoPassword", Roles.Customer);
        await database.SaveChangesAsync(cancellationToken);

        void Add(string email, string name, string passwordKey, params List<string> roles)
        {
            var user = new User
            {
                Email = email,
                NormalizedEmail = normalizer.NormalizeEmail(email),
                UserName = email,
                NormalizedUserName = normalizer.NormalizeName(email),
                SecurityStamp = Guid.NewGuid().ToString(),
                Name = name,
                Roles = roles,
                CreatedAt = TimeProvider.System.GetDatabaseNow(),
            };
            user.PasswordHash = hasher.HashPassword(user, configuration[passwordKey]!);
            database.Add(user);
        }
    }
}
