namespace LocalAspire.Dashboard.Otlp;

/// <summary>Takes what programs send, whatever way it came.</summary>
internal sealed class OtlpReceiver
{
    /// <summary>Takes one export request as it was on the wire.</summary>
    /// <exception cref="InvalidDataException">It is no such request.</exception>
    public void Receive(OtlpSignal signal, byte[] request) => Interlocked.Increment(ref _requests[(int)signal]);

    private readonly long[] _requests = new long[3];
}
