namespace LocalAspire.Dashboard.Otlp;

/// <summary>The three things that OTLP carries.</summary>
internal enum OtlpSignal
{
    Traces,
    Logs,
    Metrics,
}
