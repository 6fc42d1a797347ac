using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace LocalAspire.Hosting.ApplicationModel;

/// <summary>Something whose value is known only when a process is about to start.</summary>
public interface IValueProvider
{
    /// <summary>Resolves the value.</summary>
    ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default);

    /// <summary>Resolves the value for one process.</summary>
    ValueTask<string?> GetValueAsync(ValueProviderContext context, CancellationToken cancellationToken = default) =>
        GetValueAsync(cancellationToken);
}

/// <summary>For whom a value is resolved.</summary>
public sealed class ValueProviderContext
{
    /// <summary>Which replica of <see cref="Caller"/> asks, counted from 0.</summary>
    internal int Replica { get; init; }

    /// <summary>The resource whose process is about to start.</summary>
    public IResource? Caller { get; init; }
}

/// <summary>A text with places that are filled when a process is started: <c>ReferenceExpression.Create($"{endpoint}/path")</c>.</summary>
public sealed class ReferenceExpression : IValueProvider
{
    private readonly (string? Format, IValueProvider Value)[] _values;

    private ReferenceExpression(string format, (string?, IValueProvider)[] values) => (Format, _values) = (format, values);

    /// <summary>The composite format string.</summary>
    public string Format { get; }

    /// <summary>What fills the places of <see cref="Format"/>.</summary>
    public IReadOnlyList<IValueProvider> ValueProviders => [.. _values.Select(value => value.Value)];

    /// <summary>Creates an expression from an interpolated string; the format <c>uri</c> escapes a value for use in a URI.</summary>
    public static ReferenceExpression Create(in ExpressionInterpolatedStringHandler handler) => handler.Build();

    /// <inheritdoc/>
    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) => GetValueAsync(new(), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<string?> GetValueAsync(ValueProviderContext context, CancellationToken cancellationToken = default)
    {
        var arguments = new object?[_values.Length];
        for (var i = 0; i < _values.Length; i++)
        {
            var value = await _values[i].Value.GetValueAsync(context, cancellationToken);
            arguments[i] = _values[i].Format is "uri" && value is not null ? Uri.EscapeDataString(value) : value;
        }
        return string.Format(CultureInfo.InvariantCulture, Format, arguments);
    }

    /// <summary>Collects the parts of an interpolated string.</summary>
    [InterpolatedStringHandler]
    public readonly ref struct ExpressionInterpolatedStringHandler(int literalLength, int formattedCount)
    {
        private readonly StringBuilder _format = new(literalLength);
        private readonly List<(string?, IValueProvider)> _values = new(formattedCount);

        /// <summary>Adds fixed text.</summary>
        public readonly void AppendLiteral(string value) =>
            _format.Append(value.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal));

        /// <summary>Adds fixed text.</summary>
        public readonly void AppendFormatted(string? value, string? format = null) =>
            AppendLiteral(format is "uri" && value is not null ? Uri.EscapeDataString(value) : value ?? "");

        /// <summary>Adds a place.</summary>
        public readonly void AppendFormatted<T>(T valueProvider, string? format = null) where T : IValueProvider
        {
            _format.Append(CultureInfo.InvariantCulture, $"{{{_values.Count}}}");
            _values.Add((format, valueProvider));
        }

        /// <summary>Adds a place.</summary>
        public readonly void AppendFormatted<T>(IResourceBuilder<T> valueProvider, string? format = null) where T : IResource, IValueProvider =>
            AppendFormatted(valueProvider.Resource, format);

        internal readonly ReferenceExpression Build() => new(_format.ToString(), [.. _values]);
    }
}
