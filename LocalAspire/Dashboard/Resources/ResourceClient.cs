using System.Runtime.CompilerServices;
using Grpc.Core;
using Grpc.Net.Client;
using LocalAspire.Protocol;

namespace LocalAspire.Dashboard.Resources;

/// <summary>Follows the resources of the AppHost that started this dashboard, and passes commands on to it. Without an AppHost it knows of none.</summary>
internal sealed partial class ResourceClient : BackgroundService
{
    private static readonly TimeSpan BeforeNextTry = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Resource> _resources = [];
    private readonly TimeProvider _time;
    private readonly ILogger<ResourceClient> _logger;
    private readonly GrpcChannel? _channel;
    private readonly ResourceService.ResourceServiceClient? _service;
    private readonly Metadata _headers = [];
    private long _version;

    public ResourceClient(DashboardOptions options, TimeProvider time, ILogger<ResourceClient> logger)
    {
        (_time, _logger) = (time, logger);
        if (options.ResourceServiceUrl.Length == 0)
            return;
        _channel = GrpcChannel.ForAddress(options.ResourceServiceUrl);
        _service = new(_channel);
        _headers.Add("x-resource-service-api-key", options.ResourceServiceApiKey);
    }

    /// <summary>Whether an AppHost has started this dashboard.</summary>
    public bool IsConfigured => _service is not null;

    /// <summary>Whether the AppHost answers.</summary>
    public bool IsConnected { get; private set; }

    /// <summary>Changes with what is known.</summary>
    public long Version => Interlocked.Read(ref _version);

    /// <summary>All resources, in the order of the model.</summary>
    public Resource[] All
    {
        get
        {
            lock (_lock)
                return [.. _resources.Values.OrderBy(resource => resource.Position).ThenBy(resource => resource.Replica)];
        }
    }

    /// <summary>The resource of an id, or of a name that only one has.</summary>
    public Resource? Find(string? idOrName)
    {
        lock (_lock)
            return idOrName is null ? null : _resources.GetValueOrDefault(idOrName)
                ?? (_resources.Values.Where(resource => resource.Name == idOrName).Take(2).ToArray() is [var only] ? only : null);
    }

    /// <summary>Gives a command; null, or why it failed.</summary>
    public async Task<string?> ExecuteAsync(string id, string command)
    {
        try
        {
            var response = await Service.ExecuteAsync(new() { ResourceId = id, Command = command }, _headers);
            return response.Success ? null : response.Error is { Length: > 0 } error ? error : "It failed.";
        }
        catch (RpcException wrong)
        {
            return $"The AppHost does not answer: {wrong.Status.Detail}";
        }
    }

    /// <summary>The console lines that are kept of a resource.</summary>
    public IAsyncEnumerable<ConsoleLine> ReadConsoleAsync(string id, CancellationToken cancellationToken) => LinesAsync(id, false, cancellationToken);

    /// <summary>The console lines that are kept of a resource, and from then on each new one.</summary>
    public IAsyncEnumerable<ConsoleLine> FollowConsoleAsync(string id, CancellationToken cancellationToken) => LinesAsync(id, true, cancellationToken);

    public override void Dispose()
    {
        _channel?.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (IsConfigured && !stoppingToken.IsCancellationRequested)
        {
            try
            {
                await FollowAsync(stoppingToken);
            }
            catch (RpcException wrong)
            {
                if (!stoppingToken.IsCancellationRequested && IsConnected)
                    LogLost(wrong.Status.Detail);
            }
            IsConnected = false;
            Interlocked.Increment(ref _version);
            await Task.Delay(BeforeNextTry, _time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private ResourceService.ResourceServiceClient Service => _service ?? throw new InvalidOperationException("No AppHost has started this dashboard.");

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        using var call = Service.WatchResources(new(), _headers, cancellationToken: cancellationToken);
        while (await call.ResponseStream.MoveNext(cancellationToken))
        {
            var change = call.ResponseStream.Current;
            lock (_lock)
            {
                if (!IsConnected) // what was known before is of an earlier connection
                    _resources.Clear();
                if (change.Changed is { } resource)
                    _resources[resource.Id] = resource;
                else
                    _resources.Remove(change.Removed);
            }
            IsConnected = true;
            Interlocked.Increment(ref _version);
        }
    }

    private async IAsyncEnumerable<ConsoleLine> LinesAsync(string id, bool follow, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var call = Service.WatchConsole(new() { ResourceId = id, Follow = follow }, _headers, cancellationToken: cancellationToken);
        while (await call.ResponseStream.MoveNext(cancellationToken))
            foreach (var line in call.ResponseStream.Current.Lines)
                yield return line;
    }

    [LoggerMessage(LogLevel.Warning, "The AppHost no longer tells of its resources: {Reason}")]
    private partial void LogLost(string reason);
}
