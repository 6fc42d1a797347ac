using LocalAspire.Dashboard;

await using var app = DashboardApplication.Create(args, Console.Error);
if (app is null)
    return 1;
await app.StartAsync();
app.Services.GetRequiredService<DashboardOptions>().Announce(Console.Out);
await app.WaitForShutdownAsync();
return 0;
