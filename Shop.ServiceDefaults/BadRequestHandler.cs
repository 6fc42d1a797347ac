using System.Data.Common;
using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Shop.ServiceDefaults;

/// <summary>
/// Turns what the framework could not bind into a 400 that names the field where it is known, and what no database can keep into a 400 too.
/// </summary>
internal sealed class BadRequestHandler(IProblemDetailsService problems) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        var problem = exception switch
        {
            BadHttpRequestException badRequest => Describe(badRequest),
            _ when HoldsUnstorableText(exception) => new ProblemDetails { Status = StatusCodes.Status400BadRequest, Detail = "A text holds the character U+0000." },
            _ => null,
        };
        if (problem is null)
            return false;

        httpContext.Response.StatusCode = problem.Status!.Value;
        return await problems.TryWriteAsync(new ProblemDetailsContext { HttpContext = httpContext, ProblemDetails = problem });
    }

    /// <summary>PostgreSQL: <c>character_not_in_repertoire</c> and <c>untranslatable_character</c>.</summary>
    private static bool HoldsUnstorableText(Exception? exception) =>
        exception is DbException { SqlState: "22021" or "22P05" } || (exception is not null && HoldsUnstorableText(exception.InnerException));

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
