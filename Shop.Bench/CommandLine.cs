namespace Shop.Bench;

/// <summary>The options of a command: <c>--name value</c>.</summary>
internal sealed class CommandLine
{
    private readonly Dictionary<string, string> _values = [];

    /// <exception cref="UsageException">An option is not known, or has no value.</exception>
    public static CommandLine Parse(string[] options, params string[] known)
    {
        var line = new CommandLine();
        for (var i = 0; i < options.Length; i += 2)
        {
            if (!options[i].StartsWith("--", StringComparison.Ordinal) || !known.Contains(options[i][2..]))
                throw new UsageException($"'{options[i]}' is not known; there are --{string.Join(", --", known)}.");
            line._values[options[i][2..]] = i + 1 < options.Length ? options[i + 1] : throw new UsageException($"{options[i]} needs a value.");
        }

        return line;
    }

    public string? Text(string name) => _values.GetValueOrDefault(name);

    /// <exception cref="UsageException">It is not a number within the limits.</exception>
    public double Number(string name, double otherwise, double min, double max) =>
        !_values.TryGetValue(name, out var text) ? otherwise
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max ? number
        : throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"--{name} takes a number from {min} to {max}."));
}

/// <summary>The command line cannot be understood; the message says what would be.</summary>
internal sealed class UsageException(string message) : Exception(message);
