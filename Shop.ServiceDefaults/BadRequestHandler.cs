using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Shop.ServiceDefaults;

/// <summary>Turns what the framework could not bind into a 400 that names the field where it is known.</summary>
internal sealed class BadRequestHandler(IProblemDetailsService problems) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is not BadHttpRequestException badRequest)
            return false;

        httpContext.Response.StatusCode = badRequest.StatusCode;
        return await problems.TryWriteAsync(new ProblemDetailsContext { HttpContext = httpContext, ProblemDetails = Describe(badRequest) });
    }

    private static ProblemDetails Describe(BadHttpRequestException badRequest) => badRequest.InnerException switch
    {
        JsonException { Path: null or "$" or "" } => new ProblemDetails { Status = badRequest.StatusCode, Detail = "The body is not JSON of the expected form." },
        JsonException json => new HttpValidationProblemDetails(new Dictionary<string, string[]>
        {
            [json.Path!] = ["The value is missing or is not of the right type."],
        })
        { Status = badRequest.StatusCode },
        _ => new ProblemDetails { Status = badRequest.StatusCode, Detail = badRequest.Message },
    };
}
