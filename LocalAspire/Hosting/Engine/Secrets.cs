using System.Text.RegularExpressions;
using LocalAspire.Hosting.ApplicationModel;

namespace LocalAspire.Hosting.Engine;

/// <summary>
/// Takes secrets out of what people are shown of an environment: the values of secret parameters wherever they stand, whatever a variable's name
/// says is a secret, and passwords in connection strings and addresses that the model knows nothing of.
/// </summary>
internal sealed partial class Secrets
{
    private const string Mask = "••••••••";
    private readonly string[] _values;

    public Secrets(DistributedApplicationModel model) =>
        _values = [.. model.Resources.SelectMany(SecretsIn).Distinct().Select(parameter => parameter.Value)
            .SelectMany(value => new[] { value, Uri.EscapeDataString(value) }).Where(value => value.Length > 0).Distinct()
            .OrderByDescending(value => value.Length)]; // the longer may contain the shorter

    /// <summary>The value of an environment variable with its secrets masked.</summary>
    public string Masked(string name, string value)
    {
        if (value.Length == 0)
            return value;
        if (NameOfSecret().IsMatch(name))
            return Mask;
        var masked = _values.Aggregate(value, (text, secret) => text.Replace(secret, Mask, StringComparison.Ordinal));
        return PasswordInText().Replace(masked, Mask);
    }

    private static IEnumerable<ParameterResource> SecretsIn(object value) => value switch
    {
        ParameterResource parameter => parameter.Secret ? [parameter] : [],
        ReferenceExpression expression => expression.ValueProviders.SelectMany(SecretsIn),
        IResourceWithConnectionString resource => SecretsIn(resource.ConnectionStringExpression),
        _ => [],
    };

    [GeneratedRegex("(password|passwd|pwd|secret|token|credentials?|api_?key|access_?key|[^a-z]key|headers)$", RegexOptions.IgnoreCase)]
    private static partial Regex NameOfSecret();

    /// <summary><c>Password=…;</c> in a connection string, <c>user:…@</c> in an address.</summary>
    [GeneratedRegex(@"(?<=\b(password|pwd|secret|accountkey|sharedaccesskey|api-?key)\s*=\s*)[^;\s]+|(?<=://[^/\s:@]*:)[^/\s@]+(?=@)", RegexOptions.IgnoreCase)]
    private static partial Regex PasswordInText();
}
