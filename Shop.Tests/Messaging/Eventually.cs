using System.Runtime.CompilerServices;

namespace Shop.Tests.Messaging;

/// <summary>Waits for what must come true.</summary>
internal static class Eventually
{
    /// <summary>Long enough for a busy machine, and for a bus that pauses before it connects again; what is true sooner is not waited for.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

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
