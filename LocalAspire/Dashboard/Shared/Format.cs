using System.Globalization;

namespace LocalAspire.Dashboard.Shared;

/// <summary>Puts times and numbers as a person reads them.</summary>
internal static class Format
{
    private static readonly CultureInfo Plain = CultureInfo.InvariantCulture;

    /// <summary>The number of colours that services are told apart by.</summary>
    private const int Colors = 12;

    /// <summary>The time of day of nanoseconds since 1970, where this dashboard runs.</summary>
    public static string Time(long nanoseconds) => Local(nanoseconds).ToString("HH:mm:ss.fff", Plain);

    /// <summary>Date and time of nanoseconds since 1970, where this dashboard runs.</summary>
    public static string DateAndTime(long nanoseconds) => Local(nanoseconds).ToString("yyyy-MM-dd HH:mm:ss.ffffff zzz", Plain);

    /// <summary>The local time of nanoseconds since 1970.</summary>
    public static DateTimeOffset Local(long nanoseconds) => DateTimeOffset.UnixEpoch.AddTicks(nanoseconds / 100).ToLocalTime();

    /// <summary>Nanoseconds, in the unit that fits.</summary>
    public static string Duration(long nanoseconds) => nanoseconds switch
    {
        < 1_000 => $"{nanoseconds} ns",
        < 1_000_000 => string.Create(Plain, $"{Round(nanoseconds / 1e3)} µs"),
        < 1_000_000_000 => string.Create(Plain, $"{Round(nanoseconds / 1e6)} ms"),
        < 60_000_000_000 => string.Create(Plain, $"{Round(nanoseconds / 1e9)} s"),
        _ => string.Create(Plain, $"{nanoseconds / 60_000_000_000} min {nanoseconds / 1_000_000_000 % 60} s"),
    };

    /// <summary>Three digits that matter, and a letter for thousands.</summary>
    public static string Number(double number) => Math.Abs(number) switch
    {
        >= 1e9 => string.Create(Plain, $"{number / 1e9:0.##} G"),
        >= 1e6 => string.Create(Plain, $"{number / 1e6:0.##} M"),
        >= 1e4 => string.Create(Plain, $"{number / 1e3:0.#} k"),
        >= 100 => string.Create(Plain, $"{number:0.#}"),
        >= 1 => string.Create(Plain, $"{number:0.##}"),
        0 => "0",
        _ => number.ToString("G3", Plain),
    };

    /// <summary>A number in its unit, as UCUM names it.</summary>
    public static string Measured(double number, string unit) => unit switch
    {
        "s" => number == 0 ? "0 s" : Duration((long)(number * 1e9)),
        "ms" => number == 0 ? "0 ms" : Duration((long)(number * 1e6)),
        "By" or "bytes" => Math.Abs(number) switch
        {
            >= 1 << 30 => string.Create(Plain, $"{Round(number / (1 << 30))} GiB"),
            >= 1 << 20 => string.Create(Plain, $"{Round(number / (1 << 20))} MiB"),
            >= 1 << 10 => string.Create(Plain, $"{Round(number / (1 << 10))} KiB"),
            _ => string.Create(Plain, $"{number:0} B"),
        },
        // "{order}" only says what is counted.
        "" or "1" or ['{', ..] => Number(number),
        _ => $"{Number(number)} {unit}",
    };

    /// <summary>A count with its thousands apart.</summary>
    public static string Count(long count) => count.ToString("N0", Plain);

    /// <summary>The style that gives an element the colour of a service.</summary>
    public static string Color(int number) => $"--c:var(--c{number % Colors})";

    private static double Round(double value) => value >= 100 ? Math.Round(value) : value >= 10 ? Math.Round(value, 1) : Math.Round(value, 2);
}
