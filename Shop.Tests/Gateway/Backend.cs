using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Shop.Tests.Gateway;

/// <summary>A small real service behind the gateway: healthy, and answering as the test says.</summary>
internal sealed class Backend : IAsyncDisposable
{
    private readonly WebApplication _app;

    private Backend(WebApplication app) => _app = app;

    /// <summary>What it does with a request; by default 200 and the path, as JSON.</summary>
    public RequestDelegate Answer { get; set; } = context => context.Response.WriteAsJsonAsync(new { path = context.Request.Path.Value });

    /// <summary>Whether <c>/health</c> says so.</summary>
    public bool IsHealthy { get; set; } = true;

    public string Address { get; private set; } = "";

    /// <summary>The headers of each request that came in, without those for its health.</summary>
    public ConcurrentQueue<IHeaderDictionary> Requests { get; } = new();

    public static async Task<Backend> StartAsync(RequestDelegate? answer = null)
    {
        // Empty: the settings of a service lie beside the tests.
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var backend = new Backend(builder.Build());
        backend.Answer = answer ?? backend.Answer;
        backend._app.Run(backend.AnswerAsync);
        await backend._app.StartAsync(TestContext.Current.CancellationToken);
        backend.Address = backend._app.Urls.Single();
        return backend;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    /// <summary>An answer with nothing but a status.</summary>
    public static RequestDelegate Status(int status) => context =>
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    };

    /// <summary>The process dies in the middle of the request.</summary>
    public static Task Die(HttpContext context)
    {
        context.Abort();
        return Task.CompletedTask;
    }

    private Task AnswerAsync(HttpContext context)
    {
        if (context.Request.Path == "/health")
        {
            context.Response.StatusCode = IsHealthy ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
            return Task.CompletedTask;
        }

        Requests.Enqueue(new HeaderDictionary(context.Request.Headers.ToDictionary()));
        return Answer(context);
    }
}
