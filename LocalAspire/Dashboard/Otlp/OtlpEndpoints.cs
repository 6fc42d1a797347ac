using Grpc.AspNetCore.Server.Model;
using LocalAspire.Dashboard.Access;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;

namespace LocalAspire.Dashboard.Otlp;

/// <summary>Where programs send their telemetry.</summary>
internal static class OtlpEndpoints
{
    private const string Protobuf = "application/x-protobuf";

    /// <summary>The largest request, unpacked, over either protocol.</summary>
    private const int MaxRequestBytes = 32 * 1024 * 1024;

    public static void AddOtlp(this IServiceCollection services)
    {
        services.AddSingleton<OtlpReceiver>();
        services.AddSingleton<OtlpGrpc>();
        services.AddGrpc(grpc => grpc.MaxReceiveMessageSize = MaxRequestBytes);
        services.AddSingleton<IServiceMethodProvider<OtlpGrpc>, OtlpGrpcMethods>();
        services.AddRequestDecompression();
        services.AddAuthentication().AddScheme<AuthenticationSchemeOptions, ApiKeyHandler>(ApiKeyHandler.SchemeName, null);
    }

    public static void MapOtlp(this WebApplication app)
    {
        var needsKey = new AuthorizationPolicyBuilder(ApiKeyHandler.SchemeName).RequireAuthenticatedUser().Build();
        // A program that is refused gets the status, not a page.
        app.MapGrpcService<OtlpGrpc>().RequireAuthorization(needsKey).WithMetadata(new SkipStatusCodePagesAttribute());
        app.UseWhen(context => context.Request.Path.StartsWithSegments("/v1"), otlp => otlp.UseRequestDecompression());
        foreach (var signal in Enum.GetValues<OtlpSignal>())
            app.MapPost($"/v1/{signal.ToString().ToLowerInvariant()}", (HttpContext context, OtlpReceiver receiver) => TakeAsync(context, receiver, signal))
                .RequireAuthorization(needsKey)
                .WithMetadata(new SkipStatusCodePagesAttribute(), new RequestSizeLimitAttribute(MaxRequestBytes));
    }

    private static async Task<IResult> TakeAsync(HttpContext context, OtlpReceiver receiver, OtlpSignal signal)
    {
        if (context.Request.ContentType?.Split(';')[0].Trim() is not Protobuf)
            return Results.Problem($"OTLP is taken as {Protobuf} here", statusCode: StatusCodes.Status415UnsupportedMediaType);
        using var body = new MemoryStream((int)Math.Min(context.Request.ContentLength ?? 0, MaxRequestBytes));
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        try
        {
            receiver.Receive(signal, body.ToArray());
            return Results.Bytes([], Protobuf);
        }
        catch (InvalidDataException wrong)
        {
            return Results.Problem(wrong.Message, statusCode: StatusCodes.Status400BadRequest);
        }
    }
}
