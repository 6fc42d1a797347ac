using LocalAspire.Dashboard.Store;

namespace LocalAspire.Dashboard.Otlp;

/// <summary>Takes what programs send, whatever way it came. All three signals come in the same envelopes: by resource, then by scope.</summary>
internal sealed class OtlpReceiver(ResourceRegistry resources, SpanStore spans, LogStore logs, MetricStore metrics)
{
    /// <summary>Takes one export request as it was on the wire.</summary>
    /// <exception cref="InvalidDataException">It is no such request.</exception>
    public void Receive(OtlpSignal signal, ReadOnlySpan<byte> request)
    {
        var reader = new WireReader(request);
        while (reader.Read())
            if (reader.Field == 1)
                ReceiveResource(signal, reader.Bytes);
    }

    private void ReceiveResource(OtlpSignal signal, ReadOnlySpan<byte> message)
    {
        var resource = resources.Resource(WireReader.Find(message, 1));
        var reader = new WireReader(message);
        while (reader.Read())
        {
            if (reader.Field != 2)
                continue;
            var scope = resources.Scope(WireReader.Find(reader.Bytes, 1));
            switch (signal)
            {
                case OtlpSignal.Traces: spans.Add(resource, scope, reader.Bytes); break;
                case OtlpSignal.Logs: logs.Add(resource, scope, reader.Bytes); break;
                case OtlpSignal.Metrics: metrics.Add(resource, scope, reader.Bytes); break;
            }
        }
    }
}
