using System.Text;
using System.Text.RegularExpressions;

namespace LocalAspire.Hosting.ApplicationModel;

/// <summary>What names may look like, in the model and in the environment.</summary>
internal static partial class ModelName
{
    /// <summary>Returns the name when it is one.</summary>
    /// <exception cref="ArgumentException">It is not; the message says what a name looks like.</exception>
    public static string Validate(string kind, string name) => name.Length is > 0 and <= 64 && Valid.IsMatch(name)
        ? name
        : throw new ArgumentException(
            $"{kind} name '{name}' is invalid: a name has 1 to 64 characters, only ASCII letters, digits and single hyphens, "
            + "starts with a letter and does not end with a hyphen.", nameof(name));

    /// <summary>The name as a part of an environment variable's name.</summary>
    public static string ToVariable(string name)
    {
        var variable = new StringBuilder(name.Length + 1);
        if (name.Length > 0 && char.IsAsciiDigit(name[0]))
            variable.Append('_');
        foreach (var c in name)
            variable.Append(char.IsAsciiLetterOrDigit(c) ? c : '_');
        return variable.ToString();
    }

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9]*(-[A-Za-z0-9]+)*$", RegexOptions.CultureInvariant)]
    private static partial Regex Valid { get; }
}
