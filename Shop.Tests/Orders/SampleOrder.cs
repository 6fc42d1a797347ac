using Shop.Contracts;
using Shop.Orders;

namespace Shop.Tests.Orders;

internal static class SampleOrder
{
    public static Order Create() => new()
    {
        UserId = Guid.CreateVersion7(),
        Lines = [new OrderLine(Guid.CreateVersion7(), "Tea Kettle", 2, 19.99m)],
        Total = 39.98m,
        Currency = "EUR",
        ShippingAddress = new PostalAddress("Ann Lee", "Kade 1", null, "Delft", "2611", "NL"),
        PaymentMethod = "tok_visa",
        CreatedAt = DateTimeOffset.UnixEpoch,
    };
}
