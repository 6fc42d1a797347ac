using LocalAspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;

namespace LocalAspire.Hosting.Engine;

/// <summary>Start, stop and restart, which every resource with a process has; and for projects one replica more or less.</summary>
internal static class LifecycleCommands
{
    public const string AddReplica = "add-replica", RemoveReplica = "remove-replica";

    public static void Add(IResource resource)
    {
        if (!resource.AnnotationsOf<LaunchAnnotation>().Any() || resource.AnnotationsOf<ResourceCommandAnnotation>().Any(IsLifecycle))
            return;
        Add(KnownResourceCommands.StartCommand, "Start", "play_arrow", (_, state) => IsStopped(state), (instance, ct) => instance.StartAsync(ct));
        Add(KnownResourceCommands.StopCommand, "Stop", "stop", (_, state) => !IsStopped(state), (instance, _) => instance.StopAsync());
        Add(KnownResourceCommands.RestartCommand, "Restart", "restart_alt", (_, state) => state == KnownResourceStates.Running, async (instance, ct) =>
        {
            await instance.StopAsync();
            await instance.StartAsync(ct);
        });
        if (!Replicas.CanScale(resource))
            return;
        Add(AddReplica, "Add a replica", "add", (_, _) => true, (instance, ct) => instance.Engine.Replicas.AddAsync(resource, ct));
        Add(RemoveReplica, "Remove a replica", "remove", (engine, _) => engine.Instances.Count(instance => instance.Resource == resource) > 1,
            (instance, ct) => instance.Engine.Replicas.RemoveAsync(resource, ct), "Ends the newest, after the others were told that it goes");

        void Add(
            string name, string displayName, string icon, Func<ApplicationEngine, string?, bool> isEnabled,
            Func<ResourceInstance, CancellationToken, Task> execute, string? description = null) =>
            resource.Annotations.Add(new ResourceCommandAnnotation(
                name, displayName,
                context => isEnabled(context.ServiceProvider.GetRequiredService<ApplicationEngine>(), context.ResourceSnapshot.State?.Text)
                    ? ResourceCommandState.Enabled : ResourceCommandState.Disabled,
                async context =>
                {
                    var engine = context.ServiceProvider.GetRequiredService<ApplicationEngine>();
                    await execute(engine.InstanceOf(context.ResourceName), context.CancellationToken);
                    return CommandResults.Success();
                },
                new() { IconName = icon, Description = description }));
    }

    /// <summary>The snapshot with its commands as they stand now.</summary>
    public static CustomResourceSnapshot Update(IResource resource, CustomResourceSnapshot snapshot, IServiceProvider services) => snapshot with
    {
        Commands = [.. resource.AnnotationsOf<ResourceCommandAnnotation>().Select(command => new ResourceCommandSnapshot(
            command.Name, command.UpdateState(new() { ResourceSnapshot = snapshot, ServiceProvider = services }), command.DisplayName,
            command.Options.Description, command.Options.ConfirmationMessage, command.Options.IconName, command.Options.IsHighlighted))],
    };

    private static bool IsLifecycle(ResourceCommandAnnotation command) => command.Name == KnownResourceCommands.StartCommand;

    private static bool IsStopped(string? state) =>
        state is null || state == KnownResourceStates.NotStarted || KnownResourceStates.TerminalStates.Contains(state);
}
