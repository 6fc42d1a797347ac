namespace LocalAspire.Hosting.Engine;

/// <summary>Tells processes who they are, and where to send their telemetry.</summary>
internal static class Telemetry
{
    public static void AddTo(Dictionary<string, object> variables, ResourceInstance instance)
    {
        variables["OTEL_SERVICE_NAME"] = instance.Resource.Name;
        variables["OTEL_RESOURCE_ATTRIBUTES"] = $"service.instance.id={instance.Id[(instance.Resource.Name.Length + 1)..]}";
        var configuration = instance.Engine.Configuration;
        if (instance.Engine.DashboardUrl is not null)
            variables["DOTNET_SYSTEM_CONSOLE_ALLOW_ANSI_COLOR_REDIRECTION"] = "true"; // it shows them
        var (endpoint, protocol) =
            configuration["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"] is { Length: > 0 } grpc ? (grpc, "grpc")
            : configuration["ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL"] is { Length: > 0 } http ? (http, "http/protobuf")
            : (null, "");
        if (endpoint is null)
            return;
        variables["OTEL_EXPORTER_OTLP_ENDPOINT"] = endpoint;
        variables["OTEL_EXPORTER_OTLP_PROTOCOL"] = protocol;
        if (configuration["AppHost:OtlpApiKey"] is { Length: > 0 } key)
            variables["OTEL_EXPORTER_OTLP_HEADERS"] = $"x-otlp-api-key={key}";
        if (!instance.Engine.IsDevelopment)
            return;
        // Whoever watches wants to see at once what happened, and all of it.
        variables["OTEL_BLRP_SCHEDULE_DELAY"] = variables["OTEL_BSP_SCHEDULE_DELAY"] = variables["OTEL_METRIC_EXPORT_INTERVAL"] = "1000";
        variables["OTEL_TRACES_SAMPLER"] = "always_on";
        variables["OTEL_METRICS_EXEMPLAR_FILTER"] = "trace_based";
    }
}
