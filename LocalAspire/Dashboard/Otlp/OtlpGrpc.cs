using Grpc.AspNetCore.Server.Model;
using Grpc.Core;

namespace LocalAspire.Dashboard.Otlp;

/// <summary>OTLP over gRPC. Messages stay bytes here: the store reads from them what it needs, without objects between.</summary>
internal sealed class OtlpGrpc(OtlpReceiver receiver)
{
    public Task<byte[]> ExportAsync(OtlpSignal signal, byte[] request)
    {
        try
        {
            receiver.Receive(signal, request);
            return Task.FromResult(Array.Empty<byte>());
        }
        catch (InvalidDataException wrong)
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, wrong.Message));
        }
    }
}

/// <summary>Tells ASP.NET Core which methods <see cref="OtlpGrpc"/> has; names are those of the specification.</summary>
internal sealed class OtlpGrpcMethods : IServiceMethodProvider<OtlpGrpc>
{
    private static readonly Marshaller<byte[]> Bytes = new(
        (message, context) => context.Complete(message),
        context => context.PayloadAsNewBuffer());

    public void OnServiceMethodDiscovery(ServiceMethodProviderContext<OtlpGrpc> context)
    {
        Add(OtlpSignal.Traces, "opentelemetry.proto.collector.trace.v1.TraceService");
        Add(OtlpSignal.Logs, "opentelemetry.proto.collector.logs.v1.LogsService");
        Add(OtlpSignal.Metrics, "opentelemetry.proto.collector.metrics.v1.MetricsService");

        void Add(OtlpSignal signal, string service) => context.AddUnaryMethod(
            new Method<byte[], byte[]>(MethodType.Unary, service, "Export", Bytes, Bytes),
            [],
            (otlp, request, _) => otlp.ExportAsync(signal, request));
    }
}
