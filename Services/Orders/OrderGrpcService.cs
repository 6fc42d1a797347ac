using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using Shop.Orders.Grpc;

namespace Shop.Orders;

/// <summary>What the other services ask of Orders.</summary>
internal sealed class OrderGrpcService(OrdersDbContext database) : OrderService.OrderServiceBase
{
    public override async Task<Owner> GetOwner(GetOwnerRequest request, ServerCallContext context)
    {
        if (!Guid.TryParse(request.OrderId, out var id))
            throw new RpcException(new Status(StatusCode.InvalidArgument, "order_id is not a UUID."));
        var userId = await database.Orders.Where(order => order.Id == id).Select(order => (Guid?)order.UserId).SingleOrDefaultAsync(context.CancellationToken)
            ?? throw new RpcException(new Status(StatusCode.NotFound, $"There is no order {id}."));
        return new Owner { UserId = userId.ToString() };
    }
}
