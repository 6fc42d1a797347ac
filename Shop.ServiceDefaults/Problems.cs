using System.Diagnostics;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Shop.ServiceDefaults;

/// <summary>Errors as RFC 9457 problem details: a detail and a trace id always, and for bad input each field by its JSON path.</summary>
public static class Problems
{
    /// <summary>400 that names one field.</summary>
    public static Microsoft.AspNetCore.Http.HttpResults.ValidationProblem Invalid(string field, string message) =>
        TypedResults.ValidationProblem(new Dictionary<string, string[]> { [field] = [message] });

    /// <summary>404 that says what was not found.</summary>
    public static Microsoft.AspNetCore.Http.HttpResults.ProblemHttpResult NotFound(string detail) =>
        TypedResults.Problem(detail, statusCode: StatusCodes.Status404NotFound);

    /// <summary>409 that says what stands in the way.</summary>
    public static Microsoft.AspNetCore.Http.HttpResults.ProblemHttpResult Conflict(string detail) =>
        TypedResults.Problem(detail, statusCode: StatusCodes.Status409Conflict);

    internal static void AddProblems(this IServiceCollection services)
    {
        services.AddSingleton<IProblemDetailsWriter, ProblemsForEveryClient>();
        services.AddProblemDetails(options => options.CustomizeProblemDetails = Complete);
        services.AddExceptionHandler<BadRequestHandler>();
        services.AddExceptionHandler<UnavailableHandler>();
        // So that BadRequestHandler sees what could not be read, in every environment.
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
    }

    private static void Complete(ProblemDetailsContext context)
    {
        var problem = context.ProblemDetails;
        problem.Detail ??= Meaning(problem.Status ?? context.HttpContext.Response.StatusCode);
        problem.Extensions["traceId"] = Activity.Current?.TraceId.ToString() ?? context.HttpContext.TraceIdentifier;
        if (problem is HttpValidationProblemDetails { Errors: var errors })
        {
            foreach (var (key, messages) in errors.ToArray())
            {
                errors.Remove(key);
                errors[CamelCasePath(key)] = messages;
            }
        }
    }

    /// <summary>What a status means in this API, where there is nothing more to say.</summary>
    internal static string Meaning(int status) => status switch
    {
        StatusCodes.Status400BadRequest => "The request is malformed or invalid; errors names the fields and parameters at fault.",
        StatusCodes.Status401Unauthorized => "There is no token, or it is not good, or not any more.",
        StatusCodes.Status403Forbidden => "This is for another role.",
        StatusCodes.Status404NotFound => "It does not exist, or is somebody else's.",
        StatusCodes.Status405MethodNotAllowed => "This cannot be done here; see Allow for what can.",
        StatusCodes.Status406NotAcceptable => "The answer is JSON, which Accept excludes.",
        StatusCodes.Status408RequestTimeout => "The request did not come in time. Nothing has been done.",
        StatusCodes.Status409Conflict => "What is there stands in the way.",
        StatusCodes.Status412PreconditionFailed => "If-Match is not of what is there now.",
        StatusCodes.Status413PayloadTooLarge => "The body is too large.",
        StatusCodes.Status415UnsupportedMediaType => "The body is not JSON, or does not say so in Content-Type.",
        StatusCodes.Status428PreconditionRequired => "If-Match is missing.",
        StatusCodes.Status429TooManyRequests => "That is more than one client may ask for; see Retry-After.",
        StatusCodes.Status502BadGateway => "The service broke off. What was asked may or may not have been done.",
        StatusCodes.Status503ServiceUnavailable => "A needed service is away, and nothing has been done; see Retry-After.",
        StatusCodes.Status504GatewayTimeout => "The service did not answer in time. What was asked may or may not have been done.",
        _ => status < StatusCodes.Status500InternalServerError ? "The request cannot be served." : "Something went wrong in the shop. It has been noted, by the traceId.",
    };

    /// <summary><c>Items[0].ProductId</c> → <c>items[0].productId</c>; <c>$.items[0]</c> → <c>items[0]</c>.</summary>
    internal static string CamelCasePath(string path) =>
        string.Join('.', path.Split('.').Where(part => part != "$").Select(JsonNamingPolicy.CamelCase.ConvertName));
}
