using MassTransit;
using Shop.Messaging.Consuming;

namespace Shop.Shipping.Consumers;

internal sealed class CancelShipmentConsumer(OrderShipments shipments) : IConsumer<CancelShipment>, IBatchedConsumer<CancelShipment>
{
    public Task LoadAsync(IReadOnlyList<CancelShipment> messages, CancellationToken cancellationToken) =>
        shipments.LockAsync([.. messages.Select(message => message.OrderId)], cancellationToken);

    public async Task Consume(ConsumeContext<CancelShipment> context)
    {
        var orderId = context.Message.OrderId;
        var shipment = await shipments.CancelAsync(orderId, context.CancellationToken);
        if (shipment.HasLeft)
            await context.Publish(new ShipmentCancelRefused(orderId), context.CancellationToken);
        else
            await context.Publish(new ShipmentCancelled(orderId), context.CancellationToken);
    }
}
