using Microsoft.Extensions.Time.Testing;
using Shop.Contracts;
using Shop.Inventory;
using Shop.Tests.WholeSystem;

namespace Shop.Tests.Inventory;

/// <summary>Each step asked for once, twice, too early and too late, on Postgres.</summary>
[Collection<SharedShop>]
public sealed class StockReservationsTests(RunningShop shop) : IAsyncLifetime
{
    private readonly Guid _productId = Guid.CreateVersion7();
    private readonly Guid _orderId = Guid.CreateVersion7();
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private TestDatabase<InventoryDbContext> _database = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await shop.CreateDatabaseAsync<InventoryDbContext>();
        await _database.InTransactionAsync(database => Task.FromResult(database.Adjust(_productId, null, 10, TimeProvider.System)));
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task Reserve_AskedTwice_HoldsOnceAndAnswersTheSame()
    {
        var first = await ReserveAsync(4);
        var again = await ReserveAsync(4);

        Assert.Equal((ReservationStatus.Held, ReservationStatus.Held), (first.Status, again.Status));
        Assert.Equal((10, 4), await StockAsync());
    }

    [Fact]
    public async Task Reserve_ManyForTheLastPieces_HoldsNoMoreThanThereIs()
    {
        var reservations = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => ReserveAsync(3, Guid.CreateVersion7())));

        Assert.Equal(3, reservations.Count(reservation => reservation.Status == ReservationStatus.Held));
        Assert.Equal((10, 9), await StockAsync());
    }

    [Fact]
    public async Task Reserve_OneProductOnTwoLines_NeedsTheSum()
    {
        var reservation = await _database.InTransactionAsync(database => Reservations(database).ReserveAsync(
            _orderId, [new StockLine(_productId, 6), new StockLine(_productId, 5)], HoldUntil, Cancelled));

        Assert.Equal(ReservationStatus.Refused, reservation.Status);
        Assert.Equal([new StockShortage(_productId, 11, 10)], reservation.Shortages);
        Assert.Equal((10, 0), await StockAsync());
    }

    [Fact]
    public async Task Reserve_UnknownProduct_IsRefusedWithNoneAvailable()
    {
        var unknown = Guid.CreateVersion7();

        var reservation = await _database.InTransactionAsync(database =>
            Reservations(database).ReserveAsync(_orderId, [new StockLine(unknown, 1)], HoldUntil, Cancelled));

        Assert.Equal([new StockShortage(unknown, 1, 0)], reservation.Shortages);
    }

    [Fact]
    public async Task Commit_AskedTwice_TakesFromTheShelfOnce()
    {
        await ReserveAsync(4);

        await CommitAsync();
        var again = await CommitAsync();

        Assert.Equal(ReservationStatus.Committed, again?.Status);
        Assert.Equal((6, 0), await StockAsync());
    }

    [Fact]
    public async Task Commit_NeverReserved_FindsNothing() => Assert.Null(await CommitAsync());

    [Fact]
    public async Task Release_Held_GivesTheHoldBackOnce()
    {
        await ReserveAsync(4);

        await ReleaseAsync();
        await ReleaseAsync();

        Assert.Equal((10, 0), await StockAsync());
    }

    [Fact]
    public async Task Release_Committed_PutsThePiecesBack()
    {
        await ReserveAsync(4);
        await CommitAsync();

        await ReleaseAsync();

        Assert.Equal((10, 0), await StockAsync());
    }

    [Fact]
    public async Task Release_OvertakingItsReservation_RefusesItWhenItArrives()
    {
        await ReleaseAsync();

        var late = await ReserveAsync(4);

        Assert.Equal(ReservationStatus.Released, late.Status);
        Assert.Equal((10, 0), await StockAsync());
    }

    [Fact]
    public async Task Expire_BeforeItsTime_KeepsTheHold()
    {
        await ReserveAsync(4);

        await ExpireAsync();

        Assert.Equal((10, 4), await StockAsync());
    }

    [Fact]
    public async Task Expire_LapsedHold_GivesItBackOnce()
    {
        await ReserveAsync(4);
        _clock.Advance(TimeSpan.FromMinutes(2));

        await ExpireAsync();
        await ExpireAsync();

        Assert.Equal((10, 0), await StockAsync());
    }

    [Fact]
    public async Task Expire_Committed_TouchesNothing()
    {
        await ReserveAsync(4);
        await CommitAsync();
        _clock.Advance(TimeSpan.FromMinutes(2));

        await ExpireAsync();

        Assert.Equal((6, 0), await StockAsync());
    }

    [Fact]
    public async Task Commit_LapsedHold_IsHadAgainWhereThereIsEnough()
    {
        await ReserveAsync(4);
        _clock.Advance(TimeSpan.FromMinutes(2));
        await ExpireAsync();

        var commit = await CommitAsync();

        Assert.Equal(ReservationStatus.Committed, commit?.Status);
        Assert.Equal((6, 0), await StockAsync());
    }

    [Fact]
    public async Task Commit_LapsedHoldThatOthersTook_IsRefusedWithTheShortage()
    {
        await ReserveAsync(4);
        _clock.Advance(TimeSpan.FromMinutes(2));
        await ExpireAsync();
        await ReserveAsync(8, Guid.CreateVersion7());

        var commit = await CommitAsync();

        Assert.Equal(ReservationStatus.Refused, commit?.Status);
        Assert.Equal([new StockShortage(_productId, 4, 2)], commit?.Shortages);
        Assert.Equal((10, 8), await StockAsync());
    }

    private DateTimeOffset HoldUntil => _clock.GetUtcNow().AddMinutes(1);

    private StockReservations Reservations(InventoryDbContext database) => new(database, _clock);

    private Task<Reservation> ReserveAsync(int quantity, Guid? orderId = null) => _database.InTransactionAsync(database =>
        Reservations(database).ReserveAsync(
            orderId ?? _orderId, [new StockLine(_productId, quantity)], HoldUntil, Cancelled));

    private Task<Reservation?> CommitAsync() =>
        _database.InTransactionAsync(database => Reservations(database).CommitAsync(_orderId, Cancelled));

    private Task<bool> ExpireAsync() => _database.InTransactionAsync(async database =>
    {
        await Reservations(database).ExpireAsync(_orderId, Cancelled);
        return true;
    });

    private Task<bool> ReleaseAsync() => _database.InTransactionAsync(async database =>
    {
        await Reservations(database).ReleaseAsync(_orderId, Cancelled);
        return true;
    });

    private async Task<(int OnHand, int Held)> StockAsync()
    {
        await using var database = _database.Open();
        var item = await database.Stock.FindAsync([_productId], Cancelled);
        return (item!.OnHand, item.Held);
    }
}
