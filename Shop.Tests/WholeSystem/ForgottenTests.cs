using Microsoft.EntityFrameworkCore;
using Shop.Contracts;
using Shop.Inventory;
using Shop.Orders;
using Shop.Orders.Saga;

namespace Shop.Tests.WholeSystem;

/// <summary>What a lost message would leave lying about for ever is found, and dealt with.</summary>
[Collection<SharedShop>]
public sealed class ForgottenTests(RunningShop shop)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Order_ItsFirstMessageIsGone_IsSubmittedAgainAndConfirmed()
    {
        var userId = await shop.Client.CreateUserAsync();
        var order = new Order
        {
            UserId = userId,
            Lines = [new OrderLine(ShopClient.SeededProduct(117), "Something", 1, 10)],
            Total = 10,
            Currency = "EUR",
            ShippingAddress = new PostalAddress("Ann Lee", "Kade 1", null, "Delft", "2611", "NL"),
            PaymentMethod = "tok_visa",
            CreatedAt = DateTimeOffset.UtcNow.AddMinutes(-2),
        };
        order.Record(nameof(OrderSubmitted), order.CreatedAt);
        await InDatabaseAsync<OrdersDbContext>("ordersdb", database =>
        {
            database.Add(OrderState.Begin(order)); // and no message
            return Task.CompletedTask;
        });

        await shop.Client.EventuallyAsync($"/api/v1/orders/{order.Id}", o => o["status"]!.GetValue<string>() == "Confirmed");
    }

    [Fact]
    public async Task Hold_NobodyCommitsOrReleases_LapsesAndGivesItsPiecesBack()
    {
        var (productId, orderId) = (ShopClient.SeededProduct(118), Guid.CreateVersion7());
        var (_, _, available) = await shop.Client.GetStockAsync(productId);
        await InDatabaseAsync<InventoryDbContext>("inventorydb", database => new StockReservations(database, TimeProvider.System)
            .ReserveAsync(orderId, [new StockLine(productId, 3)], DateTimeOffset.UtcNow.AddSeconds(-1), Cancelled));

        await shop.EventuallyInAsync<InventoryDbContext>("inventorydb", database => database.Reservations.AsNoTracking()
            .Any(reservation => reservation.OrderId == orderId && reservation.Status == ReservationStatus.Expired));

        Assert.Equal(available, (await shop.Client.GetStockAsync(productId)).Available);
    }

    private async Task InDatabaseAsync<TContext>(string name, Func<TContext, Task> work)
        where TContext : DbContext
    {
        await using var database = new TestDatabase<TContext>((await shop.App.GetConnectionStringAsync(name, Cancelled))!).Open();
        await using var transaction = await database.Database.BeginTransactionAsync(Cancelled);
        await work(database);
        await database.SaveChangesAsync(Cancelled);
        await transaction.CommitAsync(Cancelled);
    }
}
