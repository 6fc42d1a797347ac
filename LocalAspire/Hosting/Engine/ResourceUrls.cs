using LocalAspire.Hosting.ApplicationModel;

namespace LocalAspire.Hosting.Engine;

/// <summary>The URLs shown for a resource.</summary>
internal static class ResourceUrls
{
    public static IEnumerable<UrlSnapshot> Of(ResourceInstance instance)
    {
        var resource = instance.Resource;
        var endpoints = resource is IResourceWithEndpoints withEndpoints ? withEndpoints.GetEndpoints() : [];
        var urls = endpoints.Select(endpoint => Customized(resource, endpoint)).Concat(resource.AnnotationsOf<ResourceUrlAnnotation>());
        return urls.OrderByDescending(url => url.DisplayOrder ?? 0).Select(url => new UrlSnapshot(
            url.Endpoint?.EndpointName, Absolute(url), url.Endpoint is { } endpoint && !endpoint.IsHttp && !endpoint.IsHttps)
        {
            DisplayName = url.DisplayText ?? "",
        });
    }

    private static ResourceUrlAnnotation Customized(IResource resource, EndpointReference endpoint)
    {
        var url = new ResourceUrlAnnotation { Url = endpoint.Url, Endpoint = endpoint };
        foreach (var callback in resource.AnnotationsOf<UrlCallbackAnnotation>())
            if (string.Equals(callback.EndpointName, endpoint.EndpointName, StringComparison.OrdinalIgnoreCase))
                callback.Callback(url);
        return url;
    }

    private static string Absolute(ResourceUrlAnnotation url) => url.Endpoint is { } endpoint && !url.Url.Contains("://", StringComparison.Ordinal)
        ? new Uri(new Uri(endpoint.Url), url.Url).ToString()
        : url.Url;
}
