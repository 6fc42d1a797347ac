using LocalAspire.Hosting.ApplicationModel;
using LocalAspire.Hosting.Engine;
using Microsoft.Extensions.Configuration;

namespace LocalAspire.Hosting;

/// <summary>Adds values that come from outside.</summary>
public static class ParameterBuilderExtensions
{
    /// <summary>Adds a parameter whose value is in configuration, as <c>Parameters:NAME</c>.</summary>
    public static IResourceBuilder<ParameterResource> AddParameter(this IDistributedApplicationBuilder builder, string name, bool secret = false) =>
        builder.AddResource(new ParameterResource(name, _ => Configured(builder, name) ?? throw Missing(name), secret));

    /// <summary>Adds a parameter with a fixed value, unless configuration has another.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">Unique in the application.</param>
    /// <param name="value">The value.</param>
    /// <param name="publishValueAsDefault">Without effect here: this engine does not publish.</param>
    /// <param name="secret">Whether the value must not be shown.</param>
    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder, string name, string value, bool publishValueAsDefault = false, bool secret = false) =>
        builder.AddResource(new ParameterResource(name, _ => Configured(builder, name) ?? value, secret));

    /// <summary>Adds a parameter whose value is made where configuration has none.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">Unique in the application.</param>
    /// <param name="value">Makes the value.</param>
    /// <param name="secret">Whether the value must not be shown.</param>
    /// <param name="persist">Whether the value is kept for the next run, in a file that only its owner can read.</param>
    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder, string name, ParameterDefault value, bool secret = false, bool persist = false) =>
        builder.AddResource(Generated(builder, name, value, secret, () => persist));

    /// <summary>A password that is not shown as a resource; kept where the data that it protects are kept.</summary>
    internal static ParameterResource CreatePassword(IDistributedApplicationBuilder builder, string name, Func<bool> persist) =>
        Generated(builder, name, new GenerateParameterDefault { Special = false }, secret: true, persist);

    private static ParameterResource Generated(
        IDistributedApplicationBuilder builder, string name, ParameterDefault value, bool secret, Func<bool> persist)
    {
        ParameterResource? parameter = null;
        return parameter = new(name, make => Configured(builder, name) ?? Kept() ?? make!.GetDefaultValue(), secret) { Default = value };

        string? Kept()
        {
            if (!persist() || ((DistributedApplicationBuilder)builder).ParameterStore is not { } store)
                return null;
            var kept = store.GetOrAdd(name, parameter!.Default!.GetDefaultValue, out var added);
            parameter.WasGeneratedAndKept = added;
            return kept;
        }
    }

    private static string? Configured(IDistributedApplicationBuilder builder, string name) =>
        builder.Configuration[$"Parameters:{name}"] ?? builder.Configuration[$"Parameters:{name.Replace('-', '_')}"];

    private static MissingParameterValueException Missing(string name) => new(
        $"Parameter '{name}' has no value. Give it as Parameters__{name.Replace('-', '_')} in the environment, "
        + $"as --Parameters:{name} VALUE on the command line, or as \"Parameters\": {{ \"{name}\": … }} in the AppHost's appsettings.json.");
}
