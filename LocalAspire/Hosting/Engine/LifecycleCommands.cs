using LocalAspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;

namespace LocalAspire.Hosting.Engine;

/// <summary>Start, stop and restart, which every resource with a process has.</summary>
internal static class LifecycleCommands
{
    public static void Add(IResource resource)
    {
        if (!resource.AnnotationsOf<LaunchAnnotation>().Any() || resource.AnnotationsOf<ResourceCommandAnnotation>().Any(IsLifecycle))
            return;
        Add(KnownResourceCommands.StartCommand, "Start", "play_arrow", IsStopped, (instance, ct) => instance.StartAsync(ct));
        Add(KnownResourceCommands.StopCommand, "Stop", "stop", s => !IsStopped(s), (instance, _) => instance.StopAsync());
        Add(KnownResourceCommands.RestartCommand, "Restart", "restart_alt", s => s == KnownResourceStates.Running, async (instance, ct) =>
        {
            await instance.StopAsync();
            await instance.StartAsync(ct);
        });

        void Add(string name, string displayName, string icon, Func<string?, bool> isEnabled, Func<ResourceInstance, CancellationToken, Task> execute) =>
            resource.Annotations.Add(new ResourceCommandAnnotation(
                name, displayName,
                context => isEnabled(context.ResourceSnapshot.State?.Text) ? ResourceCommandState.Enabled : ResourceCommandState.Disabled,
                async context =>
                {
                    var engine = context.ServiceProvider.GetRequiredService<ApplicationEngine>();
                    await execute(engine.InstanceOf(context.ResourceName), context.CancellationToken);
                    return CommandResults.Success();
                },
                new() { IconName = icon }));
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
