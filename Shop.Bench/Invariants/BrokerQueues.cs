using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Serialization;

namespace Shop.Bench.Invariants;

/// <summary>What lies in the broker's queues, as its management plug-in tells: up to five seconds old.</summary>
internal static class BrokerQueues
{
    /// <summary>How old what the plug-in tells can be.</summary>
    public static readonly TimeSpan Delay = TimeSpan.FromSeconds(6);

    /// <exception cref="HttpRequestException">The plug-in does not answer.</exception>
    public static async Task<IReadOnlyList<BrokerQueue>> ReadAsync(DistributedApplication app, CancellationToken cancellationToken)
    {
        var broker = new Uri((await app.GetConnectionStringAsync("messaging", cancellationToken))!);
        using var http = new HttpClient { BaseAddress = app.GetEndpoint("messaging", "management"), Timeout = TimeSpan.FromSeconds(10) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(broker.UserInfo))));
        return await http.GetFromJsonAsync<BrokerQueue[]>("/api/queues", cancellationToken) ?? [];
    }
}

/// <summary>A queue.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Messages">Ready and unacknowledged ones; null where the plug-in does not know yet.</param>
internal sealed record BrokerQueue(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("messages")] long? Messages);
