using System.Globalization;
using System.Text.RegularExpressions;

namespace LocalAspire.Dashboard.Consoles;

/// <summary>A stretch of a console line that looks the same.</summary>
/// <param name="Text">What is written.</param>
/// <param name="Class">The classes of its colours and weight; null for plain text.</param>
/// <param name="Style">Colours that have no class.</param>
internal sealed record AnsiRun(string Text, string? Class, string? Style);

/// <summary>Reads the escape sequences by which programs colour what they write to a terminal (ECMA-48, "select graphic rendition").</summary>
internal static partial class Ansi
{
    /// <summary>The line in stretches of one look; sequences that do something else than colour are left out.</summary>
    public static List<AnsiRun> Parse(string line)
    {
        if (!line.Contains('\e'))
            return [new(line, null, null)];
        var runs = new List<AnsiRun>();
        var (look, at) = (new Look(), 0);
        foreach (Match sequence in Sequence().Matches(line))
        {
            Add(line[at..sequence.Index]);
            at = sequence.Index + sequence.Length;
            if (sequence.Groups["codes"].Success)
                look = look.With([.. sequence.Groups["codes"].Value.Split(';', ':').Select(code => int.TryParse(code, CultureInfo.InvariantCulture, out var number) ? number : 0)]);
        }
        Add(line[at..]);
        return runs;

        void Add(string text)
        {
            if (text.Length > 0)
                runs.Add(new(text, look.Class, look.Style));
        }
    }

    /// <summary>The line without escape sequences.</summary>
    public static string Strip(string line) => line.Contains('\e') ? Sequence().Replace(line, "") : line;

    // A colour, any other control sequence, a title or link, or a lone escape.
    [GeneratedRegex(@"\e\[(?<codes>[0-9;:]*)m|\e\[[0-?]*[ -/]*[@-~]|\e\][^\a\e]*(\a|\e\\)|\e.?")]
    private static partial Regex Sequence();

    private readonly record struct Look(string? Ink, string? Ground, bool IsBold, bool IsDim, bool IsItalic, bool IsUnderlined)
    {
        public string? Class => string.Join(' ', new[]
        {
            Ink is ['a', ..] ? Ink : null, Ground is ['a', ..] ? $"on-{Ground}" : null,
            IsBold ? "bold" : null, IsDim ? "dim" : null, IsItalic ? "italic" : null, IsUnderlined ? "underlined" : null,
        }.OfType<string>()) is { Length: > 0 } classes ? classes : null;

        public string? Style => (Ink is ['#', ..] ? $"color:{Ink};" : "") + (Ground is ['#', ..] ? $"background:{Ground};" : "") is { Length: > 0 } style ? style : null;

        public Look With(int[] codes)
        {
            var look = this;
            for (var i = 0; i < codes.Length; i++)
                look = codes[i] switch
                {
                    0 => new(),
                    1 => look with { IsBold = true },
                    2 => look with { IsDim = true },
                    3 => look with { IsItalic = true },
                    4 => look with { IsUnderlined = true },
                    22 => look with { IsBold = false, IsDim = false },
                    23 => look with { IsItalic = false },
                    24 => look with { IsUnderlined = false },
                    >= 30 and <= 37 => look with { Ink = $"a{codes[i] - 30}" },
                    >= 90 and <= 97 => look with { Ink = $"a{codes[i] - 90 + 8}" },
                    38 => look with { Ink = Extended(codes, ref i) },
                    39 => look with { Ink = null },
                    >= 40 and <= 47 => look with { Ground = $"a{codes[i] - 40}" },
                    >= 100 and <= 107 => look with { Ground = $"a{codes[i] - 100 + 8}" },
                    48 => look with { Ground = Extended(codes, ref i) },
                    49 => look with { Ground = null },
                    _ => look,
                };
            return look;
        }

        /// <summary>5 and one of 256 colours, or 2 and red, green, blue.</summary>
        private static string? Extended(int[] codes, ref int i)
        {
            if (codes.AsSpan(i + 1) is [5, var number, ..])
            {
                i += 2;
                return number switch
                {
                    < 16 => $"a{number}",
                    < 232 => Rgb(Level((number - 16) / 36), Level((number - 16) / 6 % 6), Level((number - 16) % 6)),
                    _ => Rgb(8 + (number - 232) * 10, 8 + (number - 232) * 10, 8 + (number - 232) * 10),
                };
            }
            if (codes.AsSpan(i + 1) is not [2, var red, var green, var blue, ..])
                return null;
            i += 4;
            return Rgb(red, green, blue);
        }

        private static int Level(int step) => step == 0 ? 0 : 55 + step * 40;

        private static string Rgb(int red, int green, int blue) => $"#{red & 255:x2}{green & 255:x2}{blue & 255:x2}";
    }
}
