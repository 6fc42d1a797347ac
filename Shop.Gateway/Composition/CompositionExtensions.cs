namespace Shop.Gateway.Composition;

/// <summary>Answers that the gateway makes of those of several services.</summary>
internal static class CompositionExtensions
{
    public static IReverseProxyBuilder AddComposition(this IReverseProxyBuilder proxy)
    {
        proxy.Services.AddSingleton<Parts>();
        return proxy;
    }

    public static void MapComposition(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapStorefront();
        endpoints.MapOrderDetails();
        endpoints.MapOperationsOverview();
    }
}
