using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;

namespace Shop.ServiceDefaults;

/// <summary>
/// An error is answered with problem details whatever the client would rather have: the framework's own writer leaves clients that
/// accept no JSON with plain text.
/// </summary>
internal sealed class ProblemsForEveryClient(IServiceProvider services) : IProblemDetailsWriter
{
    public bool CanWrite(ProblemDetailsContext context) => context.HttpContext.Request.Headers.ContainsKey(HeaderNames.Accept);

    public ValueTask WriteAsync(ProblemDetailsContext context)
    {
        context.HttpContext.Request.Headers.Remove(HeaderNames.Accept);
        return services.GetServices<IProblemDetailsWriter>().First(writer => writer != this && writer.CanWrite(context)).WriteAsync(context);
    }
}
