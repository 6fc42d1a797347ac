using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace LocalAspire.Tests;

public sealed class ResourceLoggerTests
{
    [Fact]
    public async Task Log_WithAnException_IsALineForEachOfItsLines()
    {
        using var logs = new ResourceLoggerService(new ConfigurationBuilder().Build(), TimeProvider.System);

#pragma warning disable CA1848 // What is tested is what any logger does.
        logs.GetLogger("echo").LogError(new InvalidOperationException("first\nsecond"), "It failed");
#pragma warning restore CA1848

        var lines = await logs.GetAllAsync("echo").SingleAsync(TestContext.Current.CancellationToken);
        Assert.Equal(["It failed", "System.InvalidOperationException: first", "second"], lines.Select(line => line.Content));
        Assert.All(lines, line => Assert.True(line.IsErrorMessage));
    }
}
