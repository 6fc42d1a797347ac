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
            _orderId, [new StockLine(_productId, 6), new StockLine(_productId, 5)], Cancelled));

        Assert.Equal(ReservationStatus.Refused, reservation.Status);
        Assert.Equal([new StockShortage(_productId, 11, 10)], reservation.Shortages);
        Assert.Equal((10, 0), await StockAsync());
    }

    [Fact]
    public async Task Reserve_UnknownProduct_IsRefusedWithNoneAvailable()
    {
        var unknown = Guid.CreateVersion7();

        var reservation = await _database.InTransactionAsync(database =>
            Reservations(database).ReserveAsync(_orderId, [new StockLine(unknown, 1)], Cancelled));

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

    private static StockReservations Reservations(InventoryDbContext database) => new(database, TimeProvider.System);

    private Task<Reservation> ReserveAsync(int quantity, Guid? orderId = null) => _database.InTransactionAsync(database =>
        Reservations(database).ReserveAsync(orderId ?? _orderId, [new StockLine(_productId, quantity)], Cancelled));

    private Task<Reservation?> CommitAsync() =>
        _database.InTransactionAsync(database => Reservations(database).CommitAsync(_orderId, Cancelled));

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
