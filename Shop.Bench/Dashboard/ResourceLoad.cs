using System.Net;
using Grpc.Core;
using LocalAspire.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Shop.Bench.Dashboard;

/// <summary>Tells the dashboard of resources such as an AppHost has, with consoles that are full.</summary>
internal sealed class ResourceLoad : ResourceService.ResourceServiceBase
{
    /// <summary>One of them.</summary>
    public const string Name = "service-3";

    private const int Resources = 40;
    private const int Lines = 4_000;

    /// <summary>Begins to listen on a free port.</summary>
    public static async Task<WebApplication> StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc();
        var app = builder.Build();
        app.MapGrpcService<ResourceLoad>();
        await app.StartAsync(cancellationToken);
        return app;
    }

    public override async Task WatchResources(WatchResourcesRequest request, IServerStreamWriter<ResourceChange> responseStream, ServerCallContext context)
    {
        for (var number = 0; number < Resources; number++)
            await responseStream.WriteAsync(new() { Changed = Describe(number) });
        await Task.Delay(Timeout.Infinite, context.CancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public override async Task WatchConsole(WatchConsoleRequest request, IServerStreamWriter<ConsoleLines> responseStream, ServerCallContext context)
    {
        await responseStream.WriteAsync(new()
        {
            Lines = { Enumerable.Range(1, Lines).Select(number => new ConsoleLine { Number = number, Text = $"\e[32minfo\e[39m: Shop.Orders[1] line {number} of what it does", Time = new() }) },
        });
        if (request.Follow)
            await Task.Delay(Timeout.Infinite, context.CancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static LocalAspire.Protocol.Resource Describe(int number) => new()
    {
        Id = $"service-{number}", Name = $"service-{number}", Type = "Project", Position = number, State = "Running", Health = "Healthy",
        Urls = { new Url { Url_ = $"http://localhost:{20_000 + number}" } },
        Environment = { Enumerable.Range(0, 40).Select(variable => new Variable { Name = $"VARIABLE_{variable}", Value = "a value" }) },
        Relationships = { Enumerable.Range(1, 3).Where(other => number >= other).Select(other => new Relationship { Name = $"service-{(number - other) / other}", Type = "Reference" }) },
        Commands = { new Command { Name = "stop", DisplayName = "Stop", Icon = "stop", IsEnabled = true }, new Command { Name = "restart", DisplayName = "Restart", Icon = "restart_alt", IsEnabled = true } },
    };
}
