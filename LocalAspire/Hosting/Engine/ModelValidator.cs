using LocalAspire.Hosting.ApplicationModel;

namespace LocalAspire.Hosting.Engine;

/// <summary>Finds what can never work before anything is started.</summary>
internal static class ModelValidator
{
    /// <exception cref="DistributedApplicationException">The message names everything that is wrong.</exception>
    public static void Validate(DistributedApplicationModel model)
    {
        List<string> problems =
        [
            .. model.Resources.OfType<ParameterResource>().Select(parameter => ProblemOf(() => _ = parameter.Value)).OfType<string>(),
            .. model.Resources.Where(resource => !resource.AnnotationsOf<ExplicitStartupAnnotation>().Any())
                .SelectMany(resource => resource.AnnotationsOf<LaunchAnnotation>()).Select(launch => launch.EnsureInstalled).OfType<Action>()
                .Select(ProblemOf).OfType<string>().Distinct(),
            .. Cycles(model.Resources).Take(1),
            .. from resource in model.Resources
               where resource.ReplicaCount() > 1
               from endpoint in resource.AnnotationsOf<EndpointAnnotation>()
               where endpoint.TargetPort is not null
               select $"'{resource.Name}' has {resource.ReplicaCount()} replicas, which cannot all listen on the target port {endpoint.TargetPort} "
                   + $"of its endpoint '{endpoint.Name}': leave the target port out.",
        ];
        if (problems.Count > 0)
            throw new DistributedApplicationException(string.Join(Environment.NewLine, problems));
    }

    /// <summary>Whether a resource is ended before another, because it works with it.</summary>
    public static bool StopsBefore(IResource resource, IResource other) =>
        Dependencies(resource).Contains(other)
        || (StageOf(resource) != Stage.Servers && StageOf(other) == Stage.Servers && !Dependencies(other).Any());

    private static Stage? StageOf(IResource resource) =>
        resource.TryGetLastAnnotation<LaunchAnnotation>(out var launch) ? launch.Stage : null;

    private static IEnumerable<IResource> Dependencies(IResource resource) => resource.AnnotationsOf<WaitAnnotation>().Select(wait => wait.Resource);

    private static string? ProblemOf(Action check)
    {
        try
        {
            check();
            return null;
        }
        catch (DistributedApplicationException e)
        {
            return e.Message;
        }
    }

    private static IEnumerable<string> Cycles(IEnumerable<IResource> resources)
    {
        var harmless = new HashSet<IResource>();
        return resources.Select(resource => Search(resource, [])).OfType<string>();

        string? Search(IResource resource, List<IResource> path)
        {
            if (path.IndexOf(resource) is >= 0 and var start)
                return "These resources wait for each other, so none of them can ever start: "
                    + string.Join(" → ", path.Skip(start).Append(resource).Select(r => r.Name)) + ". Remove one of the waits.";
            if (harmless.Contains(resource))
                return null;
            var found = Dependencies(resource).Select(next => Search(next, [.. path, resource])).FirstOrDefault(cycle => cycle is not null);
            if (found is null)
                harmless.Add(resource);
            return found;
        }
    }
}
