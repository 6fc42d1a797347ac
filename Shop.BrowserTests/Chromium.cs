using Microsoft.Playwright;

namespace Shop.BrowserTests;

/// <summary>The browser of this machine, of whatever make.</summary>
internal static class Chromium
{
    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome"];

    /// <summary>What to do where there is none.</summary>
    public const string Missing = "No Chromium here: on Debian 'apt-get install chromium', on macOS 'brew install --cask chromium'.";

    /// <summary>Its program; null where there is none.</summary>
    public static string? Find() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .SelectMany(directory => Names.Select(name => Path.Combine(directory, name)))
        .Append("/Applications/Chromium.app/Contents/MacOS/Chromium").Append("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
        .FirstOrDefault(File.Exists);

    /// <summary>Starts a program that <see cref="Find"/> has found, without a window.</summary>
    public static Task<IBrowser> StartAsync(IPlaywright playwright, string program) =>
        playwright.Chromium.LaunchAsync(new() { ExecutablePath = program, Args = ["--no-sandbox", "--disable-dev-shm-usage"] });
}
