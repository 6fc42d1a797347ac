using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Shop.Messaging;

/// <summary>The one database of a service, as durable messaging needs it.</summary>
public static class ServiceDatabaseExtensions
{
    /// <summary>
    /// Registers <typeparamref name="TContext"/> with snake_case names and without EF's own retries (the consumer's retry repeats the
    /// whole unit of work), and migrates and seeds the database before the service takes requests or messages.
    /// </summary>
    /// <param name="builder">The service.</param>
    /// <param name="connectionName">The name below <c>ConnectionStrings</c>.</param>
    /// <param name="seed">Adds what an empty database starts with. Runs at every start, under the migration lock, so it must look first.</param>
    public static void AddServiceDatabase<TContext>(
        this IHostApplicationBuilder builder,
        string connectionName,
        Func<TContext, CancellationToken, Task>? seed = null)
        where TContext : DbContext
    {
        builder.AddNpgsqlDbContext<TContext>(
            connectionName,
            settings => settings.DisableRetry = true,
            options =>
            {
                options.UseSnakeCaseNamingConvention();
                if (seed is not null)
                    options.UseAsyncSeeding((context, _, cancellationToken) => seed((TContext)context, cancellationToken));
            });
        builder.Services.AddScoped<DbContext>(services => services.GetRequiredService<TContext>());
        builder.Services.AddHostedService<DatabaseMigrator<TContext>>();
    }

    /// <summary>Migrates under EF's database-wide lock, so that several replicas may start at once.</summary>
    private sealed class DatabaseMigrator<TContext>(IServiceScopeFactory scopes) : IHostedService
        where TContext : DbContext
    {
        public async Task StartAsync(CancellationToken cancellationToken)
        {
            await using var scope = scopes.CreateAsyncScope();
            await scope.ServiceProvider.GetRequiredService<TContext>().Database.MigrateAsync(cancellationToken);
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
