using System.Collections;

// A service with REST and gRPC, which need an endpoint each.
var app = WebApplication.CreateBuilder(args).Build();
app.MapGet("/", () => "hello");
app.MapGet("/environment", () => Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(e => (string)e.Key, e => (string?)e.Value));
app.Run();
