using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using Shop.Products.Grpc;

namespace Shop.Products;

/// <summary>What the other services ask of Products.</summary>
internal sealed class ProductGrpcService(ProductsDbContext database) : ProductService.ProductServiceBase
{
    public override async Task<GetProductsResponse> GetProducts(GetProductsRequest request, ServerCallContext context)
    {
        var ids = request.ProductIds.Select(id => Guid.TryParse(id, out var parsed)
            ? parsed
            : throw new RpcException(new Status(StatusCode.InvalidArgument, "product_ids holds something that is not a UUID."))).ToArray();
        var products = await database.Products.AsNoTracking().Where(product => ids.Contains(product.Id)).ToListAsync(context.CancellationToken);
        return new GetProductsResponse { Products = { products.Select(ToMessage) } };
    }

    private static Grpc.Product ToMessage(Product product)
    {
        var units = decimal.ToInt64(decimal.Truncate(product.Price));
        return new Grpc.Product
        {
            ProductId = product.Id.ToString(),
            Name = product.Name,
            Price = new Money { Units = units, Nanos = (int)((product.Price - units) * 1_000_000_000m), Currency = product.Currency },
        };
    }
}
