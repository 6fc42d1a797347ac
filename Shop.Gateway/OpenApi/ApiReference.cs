using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.OutputCaching;
using Microsoft.OpenApi;
using Scalar.AspNetCore;
using Shop.Gateway.Composition;
using Shop.ServiceDefaults.OpenApi;

namespace Shop.Gateway.OpenApi;

/// <summary><c>/openapi/v1.json</c> and <c>/openapi/v2.json</c>: the documents of all services and the gateway's own in one; and a page that shows them.</summary>
internal static class ApiReference
{
    private const string Page = "/scalar";

    /// <summary>What is merged is kept for so long.</summary>
    private static readonly TimeSpan Age = TimeSpan.FromSeconds(10);

    private static readonly string[] Services = ["users", "products", "inventory", "orders", "payments", "shipping", "notifications"];

    public static void AddApiReference(this IServiceCollection services) => services.AddOutputCache();

    /// <summary>To be called before the endpoints.</summary>
    public static void UseApiReference(this WebApplication app)
    {
        app.UseOutputCache();
        foreach (var version in ApiDocuments.Versions)
        {
            app.MapGet($"/openapi/{version}.json", (HttpContext context, Parts parts) => GetDocumentAsync(version, context, parts))
                .AllowAnyone().ExcludeFromDescription().CacheOutput(policy => policy.Expire(Age));
        }

        app.MapScalarApiReference(Page, options =>
        {
            options.Title = "Shop";
            options.DefaultFonts = false;
            options.HideClientButton = true; // leads to a site that would fetch the documents
            options.HideDeveloperTools().DisableAgent().DisableMcp().DisableTelemetry();
            options.AddDocuments(ApiDocuments.Versions);
            options.AddPreferredSecuritySchemes(ApiDocuments.SecurityScheme);
            options.AddAuthorizationCodeFlow(ApiDocuments.SecurityScheme, flow =>
            {
                flow.ClientId = "shop-web";
                flow.Pkce = Pkce.Sha256;
                flow.SelectedScopes = ["openid", "roles"];
            });
        }).AllowAnyone().AddEndpointFilter(AllowScriptsAsync);
    }

    private static async Task<IResult> GetDocumentAsync(string version, HttpContext context, Parts parts)
    {
        var merge = new DocumentMerge(version);
        var documents = await Task.WhenAll(Services.Select(async service =>
            (Service: service, Document: (await parts.GetAsync(context, service, $"/openapi/{(service == "users" ? "v2" : version)}.json")).Body as JsonObject)));
        foreach (var (service, document) in documents)
        {
            if (document is not null)
                merge.Add(service, service == "users" && version == "v1" ? UserVersion1Document.From(document) : document);
        }

        merge.Add("gateway", await GetOwnAsync(version, context));
        string[] missing = [.. documents.Where(part => part.Document is null).Select(part => part.Service)];
        if (missing.Length > 0)
            context.Features.GetRequiredFeature<IOutputCacheFeature>().Context.AllowCacheStorage = false;
        return Results.Json(merge.ToDocument(missing));
    }

    /// <summary>What the gateway answers by itself.</summary>
    private static async Task<JsonObject> GetOwnAsync(string version, HttpContext context)
    {
        var document = await context.RequestServices.GetRequiredKeyedService<IOpenApiDocumentProvider>(version).GetOpenApiDocumentAsync(context.RequestAborted);
        return JsonNode.Parse(await document.SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1, context.RequestAborted))!.AsObject();
    }

    /// <summary>The page is made by its own scripts, and speaks with nobody but the gateway.</summary>
    private static ValueTask<object?> AllowScriptsAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        context.HttpContext.Response.Headers.ContentSecurityPolicy =
            "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";
        return next(context);
    }
}
