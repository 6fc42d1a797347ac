using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.Extensions.DependencyInjection;

namespace Shop.ServiceDefaults;

/// <summary>How a service answers other services.</summary>
public static class GrpcServerExtensions
{
    /// <summary>Adds gRPC. Where the database is away, the answer is <see cref="StatusCode.Unavailable"/>: callers try again, and tell theirs to.</summary>
    public static void AddQueryServer(this IServiceCollection services) =>
        services.AddGrpc(grpc => grpc.Interceptors.Add<UnavailableInterceptor>());
}

/// <summary>What <see cref="UnavailableHandler"/> is to HTTP. Otherwise gRPC answers Unknown, which says that the service is at fault.</summary>
internal sealed class UnavailableInterceptor : Interceptor
{
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            return await continuation(request, context);
        }
        catch (Exception failure) when (UnavailableHandler.IsUnavailable(failure))
        {
            throw Unavailable(failure);
        }
    }

    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            await continuation(request, responseStream, context);
        }
        catch (Exception failure) when (UnavailableHandler.IsUnavailable(failure))
        {
            throw Unavailable(failure);
        }
    }

    private static RpcException Unavailable(Exception failure) =>
        new(new Status(StatusCode.Unavailable, "What the service needs is away for now.", failure));
}
