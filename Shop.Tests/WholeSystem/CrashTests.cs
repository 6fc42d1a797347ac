using Shop.Bench.Chaos;

namespace Shop.Tests.WholeSystem;

/// <summary>The crash test in short; <c>./shop chaos</c> is the long one.</summary>
public sealed class CrashTests
{
    [Fact]
    public async Task Shop_ProcessesKilledWhileOrdersFlow_KeepsEveryPromise()
    {
        var options = new ChaosOptions
        {
            Seed = 7, Customers = 6, Duration = TimeSpan.FromSeconds(30), Patience = TimeSpan.FromMinutes(2),
        };

        var result = await ChaosRun.RunAsync(
            options, line => TestContext.Current.TestOutputHelper?.WriteLine(line), TestContext.Current.CancellationToken);

        Assert.True(result.Breaches.Count == 0, $"{result}{Environment.NewLine}{string.Join(Environment.NewLine, result.Breaches)}");
        // How much happens in that time is up to the machine; something must, or nothing was tried.
        Assert.True(result.Kills > 0 && result.Accepted >= 50, result.ToString());
    }
}
