using MassTransit;
using Microsoft.EntityFrameworkCore;
using OpenTelemetry;

namespace Shop.Orders;

/// <summary>A user whose account has been deleted: their orders stay, but neither where they went nor what they were paid with.</summary>
public sealed class ErasedUser
{
    /// <summary>Who it was.</summary>
    public required Guid UserId { get; init; }
}

/// <summary>Erases names, addresses and means of payment from the orders of deleted users, once these orders have come to their end.</summary>
internal sealed class OrderErasure(OrdersDbContext database, IPublishEndpoint publisher)
{
    private const int Batch = 200;

    /// <summary>No order is placed without a means of payment: those without one have been erased.</summary>
    private const string Erased = "";

    private static readonly OrderStatus[] Ended = [OrderStatus.Delivered, OrderStatus.Cancelled];

    /// <summary>From now on the user is a deleted one. Runs inside the caller's transaction.</summary>
    public async Task AddAsync(Guid userId, CancellationToken cancellationToken)
    {
        await database.Database.ExecuteSqlAsync($"INSERT INTO erased_users (user_id) VALUES ({userId}) ON CONFLICT DO NOTHING", cancellationToken);
        await database.IdempotencyRecords.Where(record => record.UserId == userId).ExecuteDeleteAsync(cancellationToken);
    }

    /// <summary>Erases what can be erased now, and tells whoever keeps the same. Runs inside the caller's transaction.</summary>
    /// <returns>Whether there may be more.</returns>
    public async Task<bool> EraseAsync(CancellationToken cancellationToken)
    {
        var orders = await database.Orders
            .Where(order => database.ErasedUsers.Any(user => user.UserId == order.UserId))
            .Where(order => Ended.Contains(order.Status) && order.PaymentMethod != Erased)
            .Select(order => order.Id)
            .Order()
            .Take(Batch)
            .ToListAsync(cancellationToken);
        await database.Orders
            .Where(order => orders.Contains(order.Id))
            .ExecuteUpdateAsync(
                order => order.SetProperty(o => o.ShippingAddress, PostalAddress.Erased).SetProperty(o => o.PaymentMethod, Erased), cancellationToken);
        foreach (var id in orders)
            await publisher.Publish(new OrderAddressErased(id), cancellationToken);
        return orders.Count == Batch;
    }
}

/// <summary>Looks for orders of deleted users that have ended since.</summary>
internal sealed partial class OrderEraser(IServiceScopeFactory scopes, TimeProvider clock, ILogger<OrderEraser> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var untraced = SuppressInstrumentationScope.Begin();
        using var timer = new PeriodicTimer(Interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                while (await EraseAsync(stoppingToken))
                {
                    // There is more.
                }
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                LogNotErased(failure);
            }
        }
    }

    private async Task<bool> EraseAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var database = scope.ServiceProvider.GetRequiredService<OrdersDbContext>();
        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
        var more = await scope.ServiceProvider.GetRequiredService<OrderErasure>().EraseAsync(cancellationToken);
        await database.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return more;
    }

    [LoggerMessage(LogLevel.Warning, "Orders of deleted users could not be erased; it is tried again")]
    private partial void LogNotErased(Exception failure);
}
