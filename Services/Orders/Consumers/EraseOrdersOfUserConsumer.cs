using MassTransit;

namespace Shop.Orders.Consumers;

internal sealed class EraseOrdersOfUserConsumer(OrderErasure erasure) : IConsumer<UserDeleted>
{
    public async Task Consume(ConsumeContext<UserDeleted> context)
    {
        await erasure.AddAsync(context.Message.UserId, context.CancellationToken);
        await erasure.EraseAsync(context.CancellationToken); // what is left, or not at its end yet, is erased later
    }
}
