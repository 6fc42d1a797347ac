using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using OpenTelemetry;
using Shop.Messaging.Outbox;

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
    /// <param name="seed">Adds what an empty database starts with. Runs at every start, in one replica at a time, so it must look first.</param>
    public static void AddServiceDatabase<TContext>(
        this IHostApplicationBuilder builder,
        string connectionName,
        Func<TContext, CancellationToken, Task>? seed = null)
        where TContext : DbContext
    {
        var outbox = new OutboxInterceptor();
        builder.Services.AddSingleton(outbox);
        builder.AddNpgsqlDbContext<TContext>(
            connectionName,
            settings =>
            {
                settings.DisableRetry = true;
                settings.ConnectionString = Tune(settings.ConnectionString);
            },
            options => options
                .UseSnakeCaseNamingConvention()
                .AddInterceptors(outbox)
                // Who asked hears of it by an exception; EF itself asks for a table of migrations that a new database does not have.
                .ConfigureWarnings(warnings => warnings.Log((RelationalEventId.CommandError, LogLevel.Debug))));
        builder.Services.AddScoped<DbContext>(services => services.GetRequiredService<TContext>());
        builder.Services.AddHostedService(services =>
            new DatabaseMigrator<TContext>(services.GetRequiredService<IServiceScopeFactory>(), seed));
    }

    /// <summary>
    /// The server must not wait long for a client that is gone without a word, or that hangs: its locks hold up everybody else.
    /// </summary>
    private const string SessionSettings =
        "-c idle_in_transaction_session_timeout=120s -c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3";

    /// <summary>
    /// The same few statements, again and again: planned once a connection. And no service changes a connection's settings, so none have
    /// to be reset before the next user.
    /// </summary>
    private static string? Tune(string? connectionString) => connectionString is null
        ? null
        : new NpgsqlConnectionStringBuilder(connectionString)
        {
            MaxAutoPrepare = 100,
            AutoPrepareMinUsages = 3,
            NoResetOnClose = true,
            Options = SessionSettings,
        }.ConnectionString;

    /// <summary>Several replicas may start at once, and take turns: EF's own lock is given up between one migration and the next.</summary>
    private sealed class DatabaseMigrator<TContext>(IServiceScopeFactory scopes, Func<TContext, CancellationToken, Task>? seed) : IHostedService
        where TContext : DbContext
    {
        public async Task StartAsync(CancellationToken cancellationToken)
        {
            using var untraced = SuppressInstrumentationScope.Begin();
            await using var scope = scopes.CreateAsyncScope();
            var context = scope.ServiceProvider.GetRequiredService<TContext>();
            await context.Database.OpenConnectionAsync(cancellationToken); // whose session the lock belongs to
            await context.Database.ExecuteSqlAsync($"SELECT pg_advisory_lock(hashtext('migrate'))", cancellationToken);
            try
            {
                await context.Database.MigrateAsync(cancellationToken);
                await SeedAsync(context, cancellationToken);
            }
            finally
            {
                await context.Database.ExecuteSqlAsync($"SELECT pg_advisory_unlock(hashtext('migrate'))", CancellationToken.None);
                await context.Database.CloseConnectionAsync();
            }
        }

        private async Task SeedAsync(TContext context, CancellationToken cancellationToken)
        {
            if (seed is null)
                return;

            await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
            await seed(context, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
