using System.Reflection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Shop.Tests.Architecture;

namespace Shop.Tests.Identity;

/// <summary>Every route of the API that any service maps, found by asking the services' own programs.</summary>
internal static class ServiceRoutes
{
    /// <summary>Such as <c>GET /api/v1/orders/{id}</c>, without the constraints of route values.</summary>
    public static async Task<string[]> FindAsync()
    {
        var routes = new List<string>();
        foreach (var project in Directory.GetFiles(Path.Combine(Repository.Root, "Services"), "*.csproj", SearchOption.AllDirectories))
        {
            var assembly = Assembly.Load(Path.GetFileNameWithoutExtension(project));
            // What a program is known by, as all of them are called Program.
            if (assembly.GetTypes().SingleOrDefault(type => type.IsSubclassOf(typeof(DbContext))) is not { } marker)
                continue;
            await using var program = (IRoutedProgram)Activator.CreateInstance(typeof(RoutedProgram<>).MakeGenericType(marker))!;
            routes.AddRange(program.FindRoutes());
        }

        Assert.NotEmpty(routes);
        return [.. routes.Distinct().Order(StringComparer.Ordinal)];
    }

    private interface IRoutedProgram : IAsyncDisposable
    {
        IEnumerable<string> FindRoutes();
    }

    /// <summary>A service's program as it is, except that nothing of it runs in the background.</summary>
    private sealed class RoutedProgram<TMarker> : WebApplicationFactory<TMarker>, IRoutedProgram
        where TMarker : class
    {
        public IEnumerable<string> FindRoutes() =>
            from endpoint in Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            let path = $"/{string.Join('/', endpoint.RoutePattern.PathSegments.Select(Plain))}"
            where path.StartsWith("/api/", StringComparison.Ordinal)
            from method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"]
            select $"{method} {path}";

        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            builder.UseSetting("ConnectionStrings:messaging", "amqp://nowhere");
            builder.UseSetting("Identity:Issuer", "http://shop.test");
            builder.UseSetting("Identity:Key", "a secret");
            builder.ConfigureTestServices(services =>
            {
                foreach (var background in services.Where(IsBackground).ToArray())
                    services.Remove(background);
                services.RemoveAll<IStartupValidator>(); // it need not be able to work
                services.AddLogging(logging => logging.ClearProviders());
            });
        }

        private static bool IsBackground(ServiceDescriptor service) =>
            service.ServiceType == typeof(IHostedService) && service.ImplementationType?.Name != "GenericWebHostService";

        private static string Plain(Microsoft.AspNetCore.Routing.Patterns.RoutePatternPathSegment segment) => string.Concat(segment.Parts.Select(part => part switch
        {
            Microsoft.AspNetCore.Routing.Patterns.RoutePatternParameterPart parameter => $"{{{parameter.Name}}}",
            Microsoft.AspNetCore.Routing.Patterns.RoutePatternLiteralPart literal => literal.Content,
            _ => "?",
        }));
    }
}
