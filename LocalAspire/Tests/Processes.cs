namespace LocalAspire.Tests;

/// <summary>What the system says about processes.</summary>
internal static class Processes
{
    public static bool IsAlive(int id) => File.Exists($"/proc/{id}/stat") && !File.ReadAllText($"/proc/{id}/stat").Contains(") Z ");
}
