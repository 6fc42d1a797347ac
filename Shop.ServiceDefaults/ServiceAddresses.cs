using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.ServiceDiscovery;

namespace Shop.ServiceDefaults;

/// <summary>Where the other services are.</summary>
internal static class ServiceAddresses
{
    private const string FileKey = "ServiceDiscovery:File", Section = "ServiceDiscovery:Services";

    /// <summary>From the configuration's <c>services</c>; or, where replicas come and go while this process runs, from a file that is told of.</summary>
    public static void AddServiceAddresses(this IHostApplicationBuilder builder)
    {
        builder.Services.AddServiceDiscovery();
        if (builder.Configuration[FileKey] is not { Length: > 0 } file)
            return;
        builder.Configuration.AddJsonFile(file, optional: false, reloadOnChange: true);
        builder.Services.Configure<ConfigurationServiceEndpointProviderOptions>(options => options.SectionName = Section);
    }
}
