using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Primitives;
using Microsoft.Extensions.ServiceDiscovery;
using Shop.ServiceDefaults;

namespace Shop.Tests.ServiceDefaults;

public sealed class ServiceAddressesTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory();

    [Fact]
    public async Task Addresses_InAFileThatChanges_AreFollowed()
    {
        var file = Path.Combine(_directory.FullName, "services.json");
        Write(file, "http://127.0.0.1:1001");
        using var host = Build(("ServiceDiscovery:File", file), ("services:products:http:0", "http://127.0.0.1:1000"));
        var endpoints = host.Services.GetRequiredService<ServiceEndpointResolver>();
        var one = await endpoints.GetEndpointsAsync("http://products", TestContext.Current.CancellationToken);

        Write(file, "http://127.0.0.1:1001", "http://127.0.0.1:1002");
        await ChangeAsync(one.ChangeToken);
        var two = await endpoints.GetEndpointsAsync("http://products", TestContext.Current.CancellationToken);
        Write(file, "http://127.0.0.1:1002");
        await ChangeAsync(two.ChangeToken);
        var other = await endpoints.GetEndpointsAsync("http://products", TestContext.Current.CancellationToken);

        Assert.Equal(["http://127.0.0.1:1001/"], Addresses(one));
        Assert.Equal(["http://127.0.0.1:1001/", "http://127.0.0.1:1002/"], Addresses(two));
        Assert.Equal(["http://127.0.0.1:1002/"], Addresses(other));
    }

    [Fact]
    public async Task Addresses_WithoutAFile_AreThoseOfTheConfiguration()
    {
        using var host = Build(("services:products:http:0", "http://127.0.0.1:1000"));

        var endpoints = await host.Services.GetRequiredService<ServiceEndpointResolver>().GetEndpointsAsync("http://products", TestContext.Current.CancellationToken);

        Assert.Equal(["http://127.0.0.1:1000/"], Addresses(endpoints));
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private static IHost Build(params (string Key, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        foreach (var (key, value) in settings)
            builder.Configuration[key] = value;
        builder.AddServiceDefaults();
        return builder.Build();
    }

    private static void Write(string file, params string[] addresses)
    {
        File.WriteAllText($"{file}.next", JsonSerializer.Serialize(new { ServiceDiscovery = new { Services = new { products = new { http = addresses } } } }));
        File.Move($"{file}.next", file, overwrite: true);
    }

    private static async Task ChangeAsync(IChangeToken token)
    {
        var changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var registration = token.RegisterChangeCallback(_ => changed.TrySetResult(), null);
        await changed.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    private static string[] Addresses(ServiceEndpointSource source) => [.. source.Endpoints.Select(endpoint => endpoint.ToString()!)];
}
