using System.Security.Cryptography;

namespace LocalAspire.Dashboard;

/// <summary>What the dashboard is told at its start: the section <c>Dashboard</c> of arguments, environment and settings.</summary>
public sealed class DashboardOptions
{
    /// <summary>Where browsers find it.</summary>
    public string Url { get; set; } = "http://localhost:18888";

    /// <summary>Where it takes OTLP over gRPC.</summary>
    public string OtlpGrpcUrl { get; set; } = "http://localhost:18889";

    /// <summary>Where it takes OTLP over HTTP.</summary>
    public string OtlpHttpUrl { get; set; } = "http://localhost:18890";

    /// <summary>What a program that sends telemetry must know; made up and printed where none is given.</summary>
    public string ApiKey { get; set; } = "";

    /// <summary>What a person must know to log in; made up and printed where none is given.</summary>
    public string BrowserToken { get; set; } = "";

    /// <summary>How many spans are kept; the oldest go first.</summary>
    public int MaxSpans { get; set; } = 50_000;

    /// <summary>How many log records are kept; the oldest go first.</summary>
    public int MaxLogs { get; set; } = 50_000;

    /// <summary>How many series of metrics are kept: an instrument of a resource with one set of attributes.</summary>
    public int MaxSeries { get; set; } = 5_000;

    /// <summary>Where the AppHost that started this dashboard tells of its resources; empty where there is none.</summary>
    public string ResourceServiceUrl { get; set; } = "";

    /// <summary>What the AppHost asks for.</summary>
    public string ResourceServiceApiKey { get; set; } = "";

    private bool _printsKey, _printsToken;

    /// <summary>Reads the options and returns all that is wrong with them.</summary>
    public static IReadOnlyList<string> Read(IConfiguration configuration, out DashboardOptions options)
    {
        var errors = new List<string>();
        options = new DashboardOptions();
        var section = configuration.GetSection("Dashboard");
        try
        {
            section.Bind(options);
        }
        catch (InvalidOperationException wrong)
        {
            errors.Add($"{wrong.Message} {wrong.InnerException?.Message}".TrimEnd());
        }
        foreach (var (name, url) in new[] { (nameof(Url), options.Url), (nameof(OtlpGrpcUrl), options.OtlpGrpcUrl), (nameof(OtlpHttpUrl), options.OtlpHttpUrl) })
            if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme != Uri.UriSchemeHttp)
                errors.Add($"Dashboard:{name} is '{url}', which is no http:// address");
        if (options.ResourceServiceUrl.Length > 0 && (!Uri.TryCreate(options.ResourceServiceUrl, UriKind.Absolute, out var service) || !service.IsLoopback || service.Scheme != Uri.UriSchemeHttp))
            errors.Add($"Dashboard:{nameof(ResourceServiceUrl)} is '{options.ResourceServiceUrl}', which is no http:// address of this machine");
        foreach (var (name, number) in new[] { (nameof(MaxSpans), options.MaxSpans), (nameof(MaxLogs), options.MaxLogs), (nameof(MaxSeries), options.MaxSeries) })
            if (number is < 100 or > 10_000_000)
                errors.Add($"Dashboard:{name} is {number}; it may be 100 to 10000000");
        foreach (var (name, secret) in new[] { (nameof(ApiKey), options.ApiKey), (nameof(BrowserToken), options.BrowserToken) })
            if (secret.Length is > 0 and < 16)
                errors.Add($"Dashboard:{name} is too short to be a secret; give 16 characters or more, or none and one is made up");
        options._printsKey = options.ApiKey.Length == 0;
        options._printsToken = options.BrowserToken.Length == 0;
        if (options._printsKey)
            options.ApiKey = RandomNumberGenerator.GetHexString(32, lowercase: true);
        if (options._printsToken)
            options.BrowserToken = RandomNumberGenerator.GetHexString(32, lowercase: true);
        return errors;
    }

    /// <summary>Has Kestrel listen on the three addresses; gRPC needs one of its own, because without TLS a port speaks one HTTP version.</summary>
    public void ListenOn(IConfigurationBuilder configuration) => configuration.AddInMemoryCollection(new Dictionary<string, string?>
    {
        ["Kestrel:Endpoints:dashboard:Url"] = Url,
        ["Kestrel:Endpoints:otlp-grpc:Url"] = OtlpGrpcUrl,
        ["Kestrel:Endpoints:otlp-grpc:Protocols"] = "Http2",
        ["Kestrel:Endpoints:otlp-http:Url"] = OtlpHttpUrl,
    });

    /// <summary>Says where it listens, and the secrets that nobody else knows because they were made up here.</summary>
    public void Announce(TextWriter output)
    {
        output.WriteLine($"dashboard: {Url}{(_printsToken ? $"/login?t={BrowserToken}" : "")}");
        output.WriteLine($"OTLP over gRPC: {OtlpGrpcUrl}");
        output.WriteLine($"OTLP over HTTP: {OtlpHttpUrl}");
        if (_printsKey)
            output.WriteLine($"header for OTLP: x-otlp-api-key={ApiKey}");
    }
}
