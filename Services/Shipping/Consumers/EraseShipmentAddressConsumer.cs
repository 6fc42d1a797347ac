using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace Shop.Shipping.Consumers;

internal sealed class EraseShipmentAddressConsumer(ShippingDbContext database) : IConsumer<OrderAddressErased>
{
    public Task Consume(ConsumeContext<OrderAddressErased> context) => database.Shipments
        .Where(shipment => shipment.OrderId == context.Message.OrderId && shipment.Address != null)
        .ExecuteUpdateAsync(shipment => shipment.SetProperty(s => s.Address, PostalAddress.Erased), context.CancellationToken);
}
