using System.Security.Cryptography;
using System.Text;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using LocalAspire.Hosting.ApplicationModel;
using LocalAspire.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LocalAspire.Hosting.Engine;

/// <summary>Serves the resources of this run to its dashboard, on the loopback only, and only to who knows the key.</summary>
internal sealed class ResourceServer(
    DistributedApplicationModel model, ResourceNotificationService notifications, ResourceLoggerService logs, ResourceCommandService commands)
    : ResourceService.ResourceServiceBase
{
    /// <summary>The header that carries the key.</summary>
    public const string KeyHeader = "x-resource-service-api-key";

    private readonly Secrets _secrets = new(model);

    /// <summary>Begins to listen on a port of 127.0.0.1.</summary>
    public async Task<WebApplication> ListenAsync(int port, string key, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenLocalhost(port, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(this);
        var app = builder.Build();
        app.Use((context, next) => IsRight(context.Request.Headers[KeyHeader].ToString(), key) ? next(context) : RefuseAsync(context));
        app.MapGrpcService<ResourceServer>();
        await app.StartAsync(cancellationToken);
        return app;
    }

    public override async Task WatchResources(WatchResourcesRequest request, IServerStreamWriter<ResourceChange> responseStream, ServerCallContext context)
    {
        try
        {
            await foreach (var e in notifications.WatchAsync(context.CancellationToken))
                if (e.Resource is not ParameterResource)
                    await responseStream.WriteAsync(
                        e.Snapshot.IsHidden ? new() { Removed = e.ResourceId } : new() { Changed = Describe(e) }, context.CancellationToken);
        }
        catch (OperationCanceledException) when (context.CancellationToken.IsCancellationRequested)
        {
            // The dashboard has gone.
        }
    }

    public override async Task WatchConsole(WatchConsoleRequest request, IServerStreamWriter<ConsoleLines> responseStream, ServerCallContext context)
    {
        if (!notifications.TryGetCurrentState(request.ResourceId, out var resource))
            throw new RpcException(new Status(StatusCode.NotFound, $"There is no resource '{request.ResourceId}'."));
        try
        {
            var lines = request.Follow ? logs.WatchAsync(resource.ResourceId, context.CancellationToken) : logs.GetAllAsync(resource.ResourceId);
            await foreach (var batch in lines)
                foreach (var part in batch.Chunk(1_000))
                    await responseStream.WriteAsync(new()
                    {
                        Lines = { part.Select(line => new ConsoleLine { Number = line.LineNumber, Text = line.Content, IsError = line.IsErrorMessage, Time = TimeOf(line.Time) }) },
                    }, context.CancellationToken);
        }
        catch (OperationCanceledException) when (context.CancellationToken.IsCancellationRequested)
        {
            // Nobody looks any more.
        }
    }

    public override async Task<ExecuteResponse> Execute(ExecuteRequest request, ServerCallContext context)
    {
        // A page that is left, or a dashboard that dies, does not leave a command half done.
        var result = await commands.ExecuteCommandAsync(request.ResourceId, request.Command, CancellationToken.None);
        return new() { Success = result.Success, Error = result.ErrorMessage ?? "" };
    }

    private Protocol.Resource Describe(ResourceEvent e)
    {
        var snapshot = e.Snapshot;
        var described = new Protocol.Resource
        {
            Id = e.ResourceId, Name = e.Resource.Name, Type = snapshot.ResourceType, Position = model.Resources.IndexOf(e.Resource), Replica = snapshot.Replica,
            State = snapshot.State?.Text ?? "", Health = snapshot.HealthStatus?.ToString() ?? "", Started = TimeOf(snapshot.StartTimeStamp),
            Stopped = TimeOf(snapshot.StopTimeStamp), Failure = snapshot.Failure ?? "",
            Urls = { snapshot.Urls.Select(url => new Url { Url_ = url.Url, Text = url.DisplayName, IsInternal = url.IsInternal }) },
            HealthReports =
            {
                snapshot.HealthReports.Select(report => new HealthReport { Name = report.Name, Status = report.Status?.ToString() ?? "", Description = report.Description ?? "" }),
            },
            Environment = { snapshot.EnvironmentVariables.OrderBy(variable => variable.Name, StringComparer.OrdinalIgnoreCase).Select(Describe) },
            Relationships = { snapshot.Relationships.Select(other => new Relationship { Name = other.ResourceName, Type = other.Type }) },
            Commands =
            {
                snapshot.Commands.Where(command => command.State != ResourceCommandState.Hidden).Select(command => new Command
                {
                    Name = command.Name, DisplayName = command.DisplayName, Description = command.DisplayDescription ?? "",
                    Confirmation = command.ConfirmationMessage ?? "", Icon = command.IconName ?? "", IsEnabled = command.State == ResourceCommandState.Enabled, IsHighlighted = command.IsHighlighted,
                }),
            },
        };
        if (snapshot.ExitCode is { } exitCode)
            described.ExitCode = exitCode;
        if (snapshot.Properties.FirstOrDefault(property => property.Name == "executable.pid")?.Value is int processId)
            described.ProcessId = processId;
        return described;
    }

    private Variable Describe(EnvironmentVariableSnapshot variable)
    {
        var value = variable.Value ?? "";
        var masked = _secrets.Masked(variable.Name, value);
        return new() { Name = variable.Name, Value = masked, IsMasked = masked != value };
    }

    private static Timestamp? TimeOf(DateTime? utc) => utc is { } time ? Timestamp.FromDateTime(time) : null;

    private static bool IsRight(string given, string key) => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), Encoding.UTF8.GetBytes(key));

    /// <summary>gRPC clients take it for Unauthenticated.</summary>
    private static Task RefuseAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        return Task.CompletedTask;
    }
}
