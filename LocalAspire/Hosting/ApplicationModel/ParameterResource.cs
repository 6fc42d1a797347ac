using System.Security.Cryptography;

namespace LocalAspire.Hosting.ApplicationModel;

/// <summary>A value from outside: from configuration <c>Parameters:NAME</c>, or its default.</summary>
public sealed class ParameterResource : Resource, IValueProvider
{
    private readonly Lazy<string> _value;

    /// <summary>Creates a parameter.</summary>
    /// <param name="name">Unique in the application.</param>
    /// <param name="callback">Finds the value, from the default where there is one; throws <see cref="MissingParameterValueException"/>.</param>
    /// <param name="secret">Whether the value must not be shown.</param>
    public ParameterResource(string name, Func<ParameterDefault?, string> callback, bool secret = false) : base(name)
    {
        Secret = secret;
        _value = new(() => callback(Default));
    }

    /// <summary>Whether the value must not be shown.</summary>
    public bool Secret { get; }

    /// <summary>Makes the value where none is configured.</summary>
    public ParameterDefault? Default { get; set; }

    /// <summary>The value, the same for the whole run.</summary>
    /// <exception cref="MissingParameterValueException">None is configured and there is no default.</exception>
    public string Value => _value.Value;

    /// <summary>Whether this run made the value up and kept it: somebody may want to be told it.</summary>
    internal bool WasGeneratedAndKept { get; set; }

    /// <inheritdoc/>
    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) => new(Value);
}

/// <summary>Makes the value of a parameter that is not configured.</summary>
public abstract class ParameterDefault
{
    /// <summary>Makes a value.</summary>
    public abstract string GetDefaultValue();
}

/// <summary>Makes random text.</summary>
public sealed class GenerateParameterDefault : ParameterDefault
{
    private const string Lowercase = "abcdefghjkmnpqrstuvwxyz";
    private const string Uppercase = "ABCDEFGHJKMNPQRSTUVWXYZ";
    private const string Digits = "0123456789";
    private const string Marks = "-_.{}~()*+!";

    /// <summary>The length in characters.</summary>
    public int MinLength { get; set; } = 22;

    /// <summary>Whether it may contain lower-case letters.</summary>
    public bool Lower { get; set; } = true;

    /// <summary>Whether it may contain upper-case letters.</summary>
    public bool Upper { get; set; } = true;

    /// <summary>Whether it may contain digits.</summary>
    public bool Numeric { get; set; } = true;

    /// <summary>Whether it may contain punctuation.</summary>
    public bool Special { get; set; } = true;

    /// <summary>How many lower-case letters it has at least.</summary>
    public int MinLower { get; set; }

    /// <summary>How many upper-case letters it has at least.</summary>
    public int MinUpper { get; set; }

    /// <summary>How many digits it has at least.</summary>
    public int MinNumeric { get; set; }

    /// <summary>How many punctuation marks it has at least.</summary>
    public int MinSpecial { get; set; }

    /// <inheritdoc/>
    public override string GetDefaultValue()
    {
        var alphabet = (Lower ? Lowercase : "") + (Upper ? Uppercase : "") + (Numeric ? Digits : "") + (Special ? Marks : "");
        var required = Pick(Lowercase, MinLower) + Pick(Uppercase, MinUpper) + Pick(Digits, MinNumeric) + Pick(Marks, MinSpecial);
        var characters = (required + Pick(alphabet, Math.Max(0, MinLength - required.Length))).ToCharArray();
        RandomNumberGenerator.Shuffle(characters.AsSpan());
        return new(characters);
    }

    private static string Pick(string alphabet, int length) => length == 0 ? "" : RandomNumberGenerator.GetString(alphabet, length);
}

/// <summary>A parameter is not configured and has no default.</summary>
public sealed class MissingParameterValueException(string message) : DistributedApplicationException(message);
