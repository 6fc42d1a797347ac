using Microsoft.Extensions.Logging;

namespace LocalAspire.Hosting.ApplicationModel;

/// <summary>Gives commands to resources.</summary>
public sealed partial class ResourceCommandService
{
    private readonly ResourceNotificationService _notifications;
    private readonly ResourceLoggerService _logs;
    private readonly IServiceProvider _services;

    internal ResourceCommandService(ResourceNotificationService notifications, ResourceLoggerService logs, IServiceProvider services) =>
        (_notifications, _logs, _services) = (notifications, logs, services);

    /// <summary>Gives a command to one process.</summary>
    /// <param name="resourceId">Its id; or the resource's name, where it has one process only.</param>
    /// <param name="commandName">Such as <see cref="KnownResourceCommands.RestartCommand"/>.</param>
    /// <param name="cancellationToken">Ends the command.</param>
    public async Task<ExecuteCommandResult> ExecuteCommandAsync(
        string resourceId, string commandName, CancellationToken cancellationToken = default)
    {
        if (!_notifications.TryGetCurrentState(resourceId, out var target))
            return CommandResults.Failure($"Resource '{resourceId}' not found. A resource with several replicas is named by the id of one.");
        var command = target.Resource.AnnotationsOf<ResourceCommandAnnotation>().LastOrDefault(c => c.Name == commandName);
        if (command is null)
            return CommandResults.Failure($"Command '{commandName}' not available for resource '{resourceId}'.");
        return await ExecuteAsync(command, target.ResourceId, cancellationToken);
    }

    /// <summary>Gives a command to every process of a resource, to all at once.</summary>
    public async Task<ExecuteCommandResult> ExecuteCommandAsync(
        IResource resource, string commandName, CancellationToken cancellationToken = default)
    {
        var results = await Task.WhenAll(
            from target in _notifications.Current
            where target.Resource == resource
            select ExecuteCommandAsync(target.ResourceId, commandName, cancellationToken));
        return results.FirstOrDefault(result => !result.Success) ?? CommandResults.Success();
    }

    private async Task<ExecuteCommandResult> ExecuteAsync(
        ResourceCommandAnnotation command, string resourceId, CancellationToken cancellationToken)
    {
        var log = _logs.GetLogger(resourceId);
        LogExecuting(log, command.Name);
        try
        {
            return await command.ExecuteCommand(
                new() { ResourceName = resourceId, ServiceProvider = _services, CancellationToken = cancellationToken });
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return CommandResults.Canceled();
        }
#pragma warning disable CA1031 // Whatever a command throws is its result: one bad command must not end the application.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogFailed(log, command.Name, exception);
            return CommandResults.Failure(exception);
        }
    }

    [LoggerMessage(LogLevel.Information, "Executing command '{Command}'.")]
    private static partial void LogExecuting(ILogger logger, string command);

    [LoggerMessage(LogLevel.Error, "Command '{Command}' failed.")]
    private static partial void LogFailed(ILogger logger, string command, Exception exception);
}
