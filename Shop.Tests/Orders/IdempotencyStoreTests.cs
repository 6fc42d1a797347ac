using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using Shop.Orders;
using Shop.Tests.WholeSystem;

namespace Shop.Tests.Orders;

/// <summary>How long answers are kept, on Postgres.</summary>
[Collection<SharedShop>]
public sealed class IdempotencyStoreTests(RunningShop shop) : IAsyncLifetime
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private TestDatabase<OrdersDbContext> _database = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _database = await shop.CreateDatabaseAsync<OrdersDbContext>();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task ForgetOld_AfterADay_DeletesThemAndNoOthers()
    {
        await AddAsync(2500);
        _clock.Advance(TimeSpan.FromHours(1));
        await AddAsync(3);

        await ForgetOldAsync();
        Assert.Equal(2503, await CountAsync());
        _clock.Advance(TimeSpan.FromHours(23));
        await ForgetOldAsync();

        Assert.Equal(3, await CountAsync());
    }

    [Fact]
    public async Task Add_KeyInUse_GivesTheAnswerOfBeforeHoweverOldItGetsMeanwhile()
    {
        var clock = new FakeTimeProvider(_clock.GetUtcNow());
        var (user, first) = (Guid.NewGuid(), clock.GetUtcNow());
        Assert.Null(await AddAsync("first"));
        clock.Advance(IdempotencyStore.Retention - TimeSpan.FromSeconds(1));
        clock.AutoAdvanceAmount = TimeSpan.FromSeconds(2);

        var earlier = await AddAsync("second");

        Assert.Equal(("first", first), (earlier?.Response, earlier?.CreatedAt));

        Task<IdempotencyRecord?> AddAsync(string response) => _database.InTransactionAsync(database => new IdempotencyStore(database, clock).AddAsync(
            new IdempotencyRecord { UserId = user, Key = "key", Fingerprint = [], Response = response, CreatedAt = first }, Cancelled));
    }

    [Fact]
    public async Task ForgetOld_OneIsInUse_IsLeftForLater()
    {
        await AddAsync(2);
        _clock.Advance(TimeSpan.FromDays(2));
        await using (var database = _database.Open())
        await using (await database.Database.BeginTransactionAsync(Cancelled))
        {
            await database.IdempotencyRecords.FromSql($"SELECT * FROM idempotency_records LIMIT 1 FOR UPDATE").SingleAsync(Cancelled);

            await ForgetOldAsync();

            Assert.Equal(1, await CountAsync());
        }

        await ForgetOldAsync();
        Assert.Equal(0, await CountAsync());
    }

    private async Task AddAsync(int count)
    {
        await using var database = _database.Open();
        database.AddRange(Enumerable.Range(0, count).Select(number => new IdempotencyRecord
        {
            UserId = Guid.NewGuid(), Key = $"{number}", Fingerprint = [], Response = "{}", CreatedAt = _clock.GetUtcNow(),
        }));
        await database.SaveChangesAsync(Cancelled);
    }

    private async Task ForgetOldAsync()
    {
        await using var database = _database.Open();
        await new IdempotencyStore(database, _clock).ForgetOldAsync(Cancelled);
    }

    private async Task<int> CountAsync()
    {
        await using var database = _database.Open();
        return await database.IdempotencyRecords.CountAsync(Cancelled);
    }
}
