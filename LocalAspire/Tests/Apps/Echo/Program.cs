using System.Collections;

// A service whose every behaviour a test can ask for: over HTTP, or by its arguments before it serves at all.
if (args is ["exit", var text, .. var lines])
{
    foreach (var line in lines)
        Console.Error.WriteLine(line);
    return int.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}

var app = WebApplication.CreateBuilder(args).Build();
var isHealthy = !args.Contains("--unhealthy");
var isWorking = new TaskCompletionSource();

app.MapGet("/environment", () => Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(e => (string)e.Key, e => (string?)e.Value));
app.MapGet("/arguments", () => args);
app.MapGet("/pid", () => Environment.ProcessId);
app.MapGet("/health", () => isHealthy ? Results.Ok() : Results.StatusCode(503));
app.MapPost("/health/{value:bool}", (bool value) => { isHealthy = value; });
app.MapGet("/work", async (int milliseconds) =>
{
    isWorking.TrySetResult();
    await Task.Delay(milliseconds);
    return "done";
});
app.MapGet("/working", () => isWorking.Task);
app.Run();
return 0;
