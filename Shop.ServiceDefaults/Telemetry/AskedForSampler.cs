using System.Diagnostics;
using OpenTelemetry.Trace;

namespace Shop.ServiceDefaults.Telemetry;

/// <summary>
/// Decides which traces begin. A call to a database or another service that begins one is a background service that looks whether there is
/// something to do, several times a second: nobody has asked for it, and among such nobody would find what was asked for.
/// </summary>
internal sealed class AskedForSampler : Sampler
{
    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters) =>
        new(samplingParameters.Kind == ActivityKind.Client ? SamplingDecision.Drop : SamplingDecision.RecordAndSample);
}
