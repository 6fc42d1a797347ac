using MassTransit;
using Shop.Messaging.Consuming;

namespace Shop.Shipping.Consumers;

internal sealed class CreateShipmentConsumer(OrderShipments shipments) : IConsumer<CreateShipment>, IBatchedConsumer<CreateShipment>
{
    public Task LoadAsync(IReadOnlyList<CreateShipment> messages, CancellationToken cancellationToken) =>
        shipments.LockAsync([.. messages.Select(message => message.OrderId)], cancellationToken);

    public async Task Consume(ConsumeContext<CreateShipment> context)
    {
        var (orderId, address) = context.Message;
        var shipment = await shipments.ArrangeAsync(orderId, address, context.CancellationToken);
        if (shipment.Status is ShipmentStatus.Refused or ShipmentStatus.Cancelled)
            await context.Publish(new ShipmentFailed(orderId, shipment.Status is ShipmentStatus.Refused ? "AddressRefused" : "Cancelled"), context.CancellationToken);
        else
            await context.Publish(new ShipmentCreated(orderId, shipment.Id, shipment.Carrier, shipment.TrackingNumber), context.CancellationToken);
    }
}
