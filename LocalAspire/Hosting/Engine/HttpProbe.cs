namespace LocalAspire.Hosting.Engine;

/// <summary>Asks a process over HTTP how it is.</summary>
internal static class HttpProbe
{
    public static HttpClient Client { get; } = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false })
    {
        Timeout = TimeSpan.FromSeconds(30),
    };

    /// <summary>What is wrong, or null.</summary>
    public static async Task<string?> AskAsync(Uri baseAddress, string path, int expectedStatus, CancellationToken cancellationToken)
    {
        using var response = await Client.GetAsync(new Uri(baseAddress, path), cancellationToken);
        return (int)response.StatusCode == expectedStatus ? null
            : $"GET {path} gave {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(cancellationToken)}";
    }
}
