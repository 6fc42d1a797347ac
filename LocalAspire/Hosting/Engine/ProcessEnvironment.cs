using LocalAspire.Hosting.ApplicationModel;

namespace LocalAspire.Hosting.Engine;

/// <summary>Resolves what a process is given: variables and arguments.</summary>
internal static class ProcessEnvironment
{
    public static async Task<Dictionary<string, string>> VariablesAsync(
        ResourceInstance instance, DistributedApplicationExecutionContext executionContext, CancellationToken cancellationToken)
    {
        var context = new EnvironmentCallbackContext(executionContext, instance.Resource, cancellationToken: cancellationToken);
        Telemetry.AddTo(context.EnvironmentVariables, instance);
        foreach (var annotation in instance.Resource.AnnotationsOf<EnvironmentCallbackAnnotation>().ToList())
            await annotation.Callback(context);
        if (context.EnvironmentVariables.Keys.Any(name => name.StartsWith("services__", StringComparison.Ordinal)))
            context.EnvironmentVariables.TryAdd(ServiceFile.Variable, instance.Engine.Replicas.ServiceFile);
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in context.EnvironmentVariables)
            if (await ResolveAsync(value, instance, cancellationToken) is { } text)
                variables[name] = text;
        foreach (var endpoint in instance.Resource.AnnotationsOf<EndpointAnnotation>().Where(e => e.PortVariable is not null))
            variables[endpoint.PortVariable!] = $"{endpoint.Allocation!.TargetPorts[instance.Replica]}";
        return variables;
    }

    public static async Task<List<string>> ArgumentsAsync(ResourceInstance instance, CancellationToken cancellationToken)
    {
        var context = new CommandLineArgsCallbackContext([], cancellationToken);
        foreach (var annotation in instance.Resource.AnnotationsOf<CommandLineArgsCallbackAnnotation>())
            await annotation.Callback(context);
        var arguments = new List<string>();
        foreach (var argument in context.Args)
            arguments.Add(await ResolveAsync(argument, instance, cancellationToken) ?? "");
        return arguments;
    }

    private static async ValueTask<string?> ResolveAsync(object value, ResourceInstance instance, CancellationToken cancellationToken) => value switch
    {
        string text => text,
        IValueProvider provider => await provider.GetValueAsync(
            new() { Caller = instance.Resource, Replica = instance.Replica }, cancellationToken),
        IResourceBuilder<IResource> { Resource: IValueProvider provider } => await provider.GetValueAsync(cancellationToken),
        _ => value.ToString(),
    };
}
