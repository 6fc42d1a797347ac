using Microsoft.EntityFrameworkCore;

namespace Shop.Tests.WholeSystem;

/// <summary>A database of a test's own, with a service's schema, on the running shop's Postgres.</summary>
public sealed class TestDatabase<TContext> : IAsyncDisposable
    where TContext : DbContext
{
    private readonly DbContextOptions<TContext> _options;

    internal TestDatabase(string connectionString) =>
        _options = new DbContextOptionsBuilder<TContext>().UseNpgsql(connectionString).UseSnakeCaseNamingConvention().Options;

    /// <summary>A context of its own, as each message has one.</summary>
    public TContext Open() => (TContext)Activator.CreateInstance(typeof(TContext), _options)!;

    /// <summary>Does a unit of work as messaging would: in one transaction, on a context of its own.</summary>
    public async Task<TResult> InTransactionAsync<TResult>(Func<TContext, Task<TResult>> work)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var context = Open();
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        var result = await work(context);
        await context.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return result;
    }

    public async ValueTask DisposeAsync()
    {
        await using var context = Open();
        await context.Database.EnsureDeletedAsync();
    }
}
