using System.Runtime.CompilerServices;

namespace Shop.Tests.Messaging;

/// <summary>Waits for what must come true.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static Task IsTrue(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string? expression = null) =>
        IsTrue(() => Task.FromResult(condition()), expression);

    public static async Task IsTrue(Func<Task<bool>> condition, [CallerArgumentExpression(nameof(condition))] string? expression = null)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            while (!await condition())
                await Task.Delay(10, patience.Token);
        }
        catch (OperationCanceledException) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"This did not come true within {Patience.TotalSeconds} s: {expression}");
        }
    }
}
