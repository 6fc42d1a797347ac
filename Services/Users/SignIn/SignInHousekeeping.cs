using OpenIddict.Abstractions;
using OpenTelemetry;

namespace Shop.Users.SignIn;

/// <summary>Throws away tokens that have ended, and failures that no longer count.</summary>
internal sealed partial class SignInHousekeeping(IServiceScopeFactory scopes, TimeProvider clock, ILogger<SignInHousekeeping> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var untraced = SuppressInstrumentationScope.Begin();
        using var timer = new PeriodicTimer(Interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await CleanAsync(stoppingToken);
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                LogNotCleaned(failure);
            }
        }
    }

    private async Task CleanAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var ended = clock.GetUtcNow() - TokenServer.RefreshTokenLifetime;
        await scope.ServiceProvider.GetRequiredService<IOpenIddictTokenManager>().PruneAsync(ended, cancellationToken);
        await scope.ServiceProvider.GetRequiredService<IOpenIddictAuthorizationManager>().PruneAsync(ended, cancellationToken);
        await scope.ServiceProvider.GetRequiredService<FailedSignIns>().ForgetOldAsync(cancellationToken);
    }

    [LoggerMessage(LogLevel.Warning, "Ended tokens could not be thrown away; the next time they will")]
    private partial void LogNotCleaned(Exception failure);
}
