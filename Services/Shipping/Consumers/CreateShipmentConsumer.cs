using MassTransit;

namespace Shop.Shipping.Consumers;

internal sealed class CreateShipmentConsumer(OrderShipments shipments) : IConsumer<CreateShipment>
{
    public async Task Consume(ConsumeContext<CreateShipment> context)
    {
        var (orderId, address) = context.Message;
        var shipment = await shipments.ArrangeAsync(orderId, address, context.CancellationToken);
        if (shipment.Status is ShipmentStatus.Refused)
            await context.Publish(new ShipmentFailed(orderId, "AddressRefused"), context.CancellationToken);
        else
            await context.Publish(new ShipmentCreated(orderId, shipment.Id, shipment.Carrier, shipment.TrackingNumber), context.CancellationToken);
    }
}
