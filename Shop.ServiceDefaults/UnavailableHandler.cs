using System.Data.Common;
using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Polly;

namespace Shop.ServiceDefaults;

/// <summary>Answers 503 with <c>Retry-After</c> where a needed service or the database is away for now.</summary>
internal sealed class UnavailableHandler(IProblemDetailsService problems) : IExceptionHandler
{
    private const string RetryAfterSeconds = "5";

    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (!IsUnavailable(exception))
            return false;

        httpContext.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        httpContext.Response.Headers.RetryAfter = RetryAfterSeconds;
        return await problems.TryWriteAsync(new ProblemDetailsContext
        {
            HttpContext = httpContext,
            ProblemDetails = new ProblemDetails
            {
                Status = StatusCodes.Status503ServiceUnavailable,
                Detail = "A part of the shop that this request needs does not answer just now. Nothing has been done; try again.",
            },
        });
    }

    /// <summary>The reason may lie deep: EF Core wraps the driver's exception, gRPC keeps what the resilience handler threw.</summary>
    internal static bool IsUnavailable(Exception? exception) => exception switch
    {
        null => false,
        DbException { IsTransient: true } => true,
        ExecutionRejectedException => true,
        SocketException => true,
        HttpRequestException { StatusCode: >= HttpStatusCode.InternalServerError } => true,
        RpcException { StatusCode: StatusCode.Unavailable or StatusCode.DeadlineExceeded } => true,
        RpcException rpc => IsUnavailable(rpc.Status.DebugException),
        _ => IsUnavailable(exception.InnerException),
    };
}
