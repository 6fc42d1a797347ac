using System.Diagnostics;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Shop.ServiceDefaults;

/// <summary>Errors as RFC 9457 problem details: a trace id always, and for bad input each field by its JSON path.</summary>
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

    /// <summary><c>Items[0].ProductId</c> → <c>items[0].productId</c>; <c>$.items[0]</c> → <c>items[0]</c>.</summary>
    internal static string CamelCasePath(string path) =>
        string.Join('.', path.Split('.').Where(part => part != "$").Select(JsonNamingPolicy.CamelCase.ConvertName));
}
