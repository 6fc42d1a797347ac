using Shop.ServiceDefaults;

namespace Shop.Tests.ServiceDefaults;

public sealed class ProblemsTests
{
    [Theory]
    [InlineData("Items[0].ProductId", "items[0].productId")]
    [InlineData("$.shippingAddress.city", "shippingAddress.city")]
    [InlineData("UserId", "userId")]
    public void CamelCasePath_AnyPath_IsWhatClientsWrite(string path, string expected) => Assert.Equal(expected, Problems.CamelCasePath(path));
}
