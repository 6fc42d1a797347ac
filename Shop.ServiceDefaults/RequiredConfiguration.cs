using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Shop.ServiceDefaults;

/// <summary>The configuration keys without which the service must not start.</summary>
internal sealed class RequiredConfiguration
{
    public List<string> Keys { get; } = [];
}

internal sealed class RequiredConfigurationValidator(IConfiguration configuration) : IValidateOptions<RequiredConfiguration>
{
    public ValidateOptionsResult Validate(string? name, RequiredConfiguration options)
    {
        var missing = options.Keys.Distinct().Where(key => string.IsNullOrWhiteSpace(configuration[key])).ToArray();
        return missing.Length == 0
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(missing.Select(key =>
                $"The configuration has no {key}: start the service through Shop.AppHost, or set {key.Replace(":", "__", StringComparison.Ordinal)}."));
    }
}
