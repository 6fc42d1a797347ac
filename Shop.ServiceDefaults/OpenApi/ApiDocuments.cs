using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace Shop.ServiceDefaults.OpenApi;

/// <summary>A process's own part of the API as OpenAPI documents, one a version: <c>/openapi/v1.json</c> and <c>/openapi/v2.json</c>.</summary>
public static class ApiDocuments
{
    /// <summary>The name of the security scheme.</summary>
    public const string SecurityScheme = "oauth2";

    /// <summary>The versions of the API.</summary>
    public static IReadOnlyList<string> Versions { get; } = ["v1", "v2"];

    internal static void AddApiDocuments(this IServiceCollection services)
    {
        foreach (var version in Versions)
        {
            services.AddOpenApi(version, options =>
            {
                options.ShouldInclude = description => description.RelativePath?.StartsWith($"api/{version}/", StringComparison.Ordinal) == true;
                options.AddDocumentTransformer(AddSecurityScheme);
                options.AddOperationTransformer(DescribeRefusalsAsync);
            });
        }
    }

    private static Task AddSecurityScheme(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.AddComponent<IOpenApiSecurityScheme>(SecurityScheme, new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.OAuth2,
            Flows = new OpenApiOAuthFlows
            {
                AuthorizationCode = new OpenApiOAuthFlow
                {
                    AuthorizationUrl = new Uri("/connect/authorize", UriKind.Relative),
                    TokenUrl = new Uri("/connect/token", UriKind.Relative),
                    Scopes = new Dictionary<string, string> { ["openid"] = "Who signs in", ["roles"] = "What they may do", ["offline_access"] = "To stay signed in" },
                },
            },
        });
        return Task.CompletedTask;
    }

    /// <summary>Besides what an operation says of itself: what every operation of its kind may answer.</summary>
    private static async Task DescribeRefusalsAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        var isGuarded = metadata.OfType<IAuthorizeData>().Any() && !metadata.OfType<IAllowAnonymous>().Any();
        if (isGuarded)
            operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(SecurityScheme, context.Document)] = [] }];

        var problem = await context.GetOrCreateSchemaAsync(typeof(ProblemDetails), null, cancellationToken);
        context.Document!.AddComponent<IOpenApiSchema>(nameof(ProblemDetails), problem);
        operation.Responses ??= [];
        foreach (var status in RefusalsOf(operation, isGuarded))
        {
            operation.Responses.TryAdd($"{status}", new OpenApiResponse
            {
                Description = Problems.Meaning(status),
                Content = new Dictionary<string, OpenApiMediaType>
                {
                    ["application/problem+json"] = new() { Schema = new OpenApiSchemaReference(nameof(ProblemDetails), context.Document) },
                },
            });
        }
    }

    /// <summary>As seen through the gateway.</summary>
    private static IEnumerable<int> RefusalsOf(OpenApiOperation operation, bool isGuarded)
    {
        if (operation.RequestBody is not null || operation.Parameters is { Count: > 0 })
            yield return StatusCodes.Status400BadRequest;
        if (isGuarded)
        {
            yield return StatusCodes.Status401Unauthorized;
            yield return StatusCodes.Status403Forbidden;
        }

        if (operation.Parameters?.Any(parameter => parameter.In == ParameterLocation.Path) == true)
            yield return StatusCodes.Status404NotFound;
        yield return StatusCodes.Status406NotAcceptable;
        yield return StatusCodes.Status408RequestTimeout;
        yield return StatusCodes.Status413PayloadTooLarge;
        if (operation.RequestBody is not null)
            yield return StatusCodes.Status415UnsupportedMediaType;
        yield return StatusCodes.Status429TooManyRequests;
        yield return StatusCodes.Status502BadGateway;
        yield return StatusCodes.Status503ServiceUnavailable;
        yield return StatusCodes.Status504GatewayTimeout;
    }
}
