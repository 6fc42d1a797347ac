using System.Text.Json;

namespace Shop.Bench;

/// <summary>Something measured.</summary>
/// <param name="Name">What.</param>
/// <param name="Value">How much.</param>
/// <param name="Unit">Of what.</param>
/// <param name="Aim">What it should be; null where there is no aim.</param>
/// <param name="Limit">The most (or least) that the machine allows, measured in the same run; null where none was.</param>
/// <param name="Ratio">Value to limit.</param>
internal sealed record Figure(string Name, double Value, string Unit, double? Aim = null, double? Limit = null, double? Ratio = null)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerOptions.Web) { WriteIndented = true };

    /// <summary>As a line of the report.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Name,-44} {Value,12:#,##0.##} {Unit}{(Aim is { } aim ? $"  (aim {aim:#,##0.##})" : "")}{(Ratio is { } ratio ? $"  = {ratio:P1} of {Limit:#,##0.#}" : "")}");

    /// <summary>Writes figures as <c>{"figures": […]}</c>.</summary>
    public static Task WriteAsync(string path, IReadOnlyList<Figure> figures, CancellationToken cancellationToken) =>
        File.WriteAllTextAsync(path, JsonSerializer.Serialize(new { figures }, Json) + "\n", cancellationToken);
}
