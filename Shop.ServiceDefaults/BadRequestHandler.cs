using System.Data.Common;
using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc;

namespace Shop.ServiceDefaults;

/// <summary>
/// Turns what the framework could not bind into a 400 that names the field where it is known, and what no database can keep into a 400 too.
/// </summary>
internal sealed partial class BadRequestHandler(IProblemDetailsService problems) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        var problem = exception switch
        {
            BadHttpRequestException badRequest => Describe(badRequest, httpContext.Features.Get<IExceptionHandlerFeature>()?.Endpoint),
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

    private static ProblemDetails Describe(BadHttpRequestException badRequest, Endpoint? endpoint) => badRequest.InnerException switch
    {
        JsonException { Path: not (null or "$" or "") } json => AtFault(json.Path),
        null when Parameter().Match(badRequest.Message) is { Success: true } parameter => AtFault(NameOf(parameter.Groups["name"].Value, endpoint)),
        _ when badRequest.StatusCode == StatusCodes.Status400BadRequest => new ProblemDetails { Status = badRequest.StatusCode, Detail = "The body is not JSON of the expected form." },
        _ => new ProblemDetails { Status = badRequest.StatusCode },
    };

    private static HttpValidationProblemDetails AtFault(string name) =>
        new(new Dictionary<string, string[]> { [name] = ["The value is missing or is not of the right type."] }) { Status = StatusCodes.Status400BadRequest };

    /// <summary>A parameter as the client knows it: the handler may call one of the query something else.</summary>
    private static string NameOf(string parameter, Endpoint? endpoint) =>
        endpoint?.Metadata.GetOrderedMetadata<IParameterBindingMetadata>().FirstOrDefault(binding => binding.Name == parameter)
            ?.ParameterInfo.GetCustomAttributes().OfType<IFromQueryMetadata>().FirstOrDefault()?.Name ?? parameter;

    /// <summary>How the framework says which parameter it could not make of the path, the query or a header: the only place where it says so.</summary>
    [GeneratedRegex("""parameter "[^"]* (?<name>\w+)" (was not provided from (?!body)|from )""", RegexOptions.CultureInvariant)]
    private static partial Regex Parameter();
}
