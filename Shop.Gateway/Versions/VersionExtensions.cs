namespace Shop.Gateway.Versions;

/// <summary>Keeps version 1 alive beside version 2.</summary>
internal static class VersionExtensions
{
    public static IReverseProxyBuilder AddVersions(this IReverseProxyBuilder proxy)
    {
        proxy.Services.AddOptions<DeprecationOptions>().BindConfiguration(DeprecationOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        // The body comes last: when it is written, headers are gone.
        return proxy.AddTransforms<DeprecationTransforms>().AddTransforms<UserVersion1Transforms>();
    }
}
