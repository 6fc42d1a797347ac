using Grpc.Core;
using Shop.Products.Grpc;
using Shop.Users.Grpc;

namespace Shop.Orders;

/// <summary>What became of an order request: an order, or the fields at fault by JSON path, or neither, where the user may not order.</summary>
public sealed record CheckoutResult(Order? Order, Dictionary<string, string[]> Errors);

/// <summary>Makes an order from a request, with names and current prices that Products gives. Stores nothing.</summary>
public sealed class Checkout(UserService.UserServiceClient users, ProductService.ProductServiceClient products, TimeProvider clock)
{
    /// <summary>How long Users and Products may take to answer.</summary>
    private static readonly TimeSpan QueryTimeout = TimeSpan.FromSeconds(3);

    /// <summary>Asks Users and Products at once.</summary>
    /// <exception cref="RpcException">One of them cannot answer now.</exception>
    public async Task<CheckoutResult> CreateOrderAsync(Guid userId, PlaceOrderRequest request, CancellationToken cancellationToken)
    {
        var deadline = DateTime.UtcNow + QueryTimeout;
        var userIsActive = IsActiveAsync(userId, deadline, cancellationToken);
        var productsFound = GetProductsAsync(request.Items, deadline, cancellationToken);
        await Task.WhenAll(userIsActive, productsFound);
        var found = await productsFound;

        var errors = new Dictionary<string, string[]>();
        if (!await userIsActive)
            return new CheckoutResult(null, errors);
        for (var i = 0; i < request.Items.Count; i++)
        {
            if (!found.ContainsKey(request.Items[i].ProductId!.Value))
                errors[$"items[{i}].productId"] = [$"There is no product {request.Items[i].ProductId}."];
        }

        if (found.Values.Select(product => product.Price.Currency).Distinct().Skip(1).Any())
            errors["items"] = ["All products of an order must have prices in the same currency."];
        if (errors.Count > 0)
            return new CheckoutResult(null, errors);

        OrderLine[] lines = [.. request.Items.Select(item => ToLine(item, found[item.ProductId!.Value]))];
        var order = new Order
        {
            UserId = userId,
            Lines = lines,
            Total = lines.Sum(line => line.Quantity * line.UnitPrice),
            Currency = found.Values.First().Price.Currency,
            ShippingAddress = request.ShippingAddress.ToAddress(),
            PaymentMethod = request.PaymentMethod,
            CreatedAt = clock.GetDatabaseNow(),
        };
        order.Record(nameof(OrderSubmitted), order.CreatedAt);
        return new CheckoutResult(order, errors);
    }

    private async Task<bool> IsActiveAsync(Guid userId, DateTime deadline, CancellationToken cancellationToken)
    {
        try
        {
            var request = new GetUserRequest { UserId = userId.ToString() };
            var user = await users.GetUserAsync(request, deadline: deadline, cancellationToken: cancellationToken);
            return user.Active;
        }
        catch (RpcException failure) when (failure.StatusCode == StatusCode.NotFound)
        {
            return false;
        }
    }

    private async Task<Dictionary<Guid, Product>> GetProductsAsync(
        IEnumerable<OrderItemRequest> items, DateTime deadline, CancellationToken cancellationToken)
    {
        var request = new GetProductsRequest { ProductIds = { items.Select(item => item.ProductId.ToString()!).Distinct() } };
        var answer = await products.GetProductsAsync(request, deadline: deadline, cancellationToken: cancellationToken);
        return answer.Products.ToDictionary(product => Guid.Parse(product.ProductId));
    }

    private static OrderLine ToLine(OrderItemRequest item, Product product) => new(
        item.ProductId!.Value, product.Name, item.Quantity!.Value, product.Price.Units + product.Price.Nanos / 1_000_000_000m);
}
