using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace LocalAspire.Dashboard.Shared;

/// <summary>A page that looks again and again whether something new has come, and shows it unless it is paused.</summary>
public abstract class LivePage : ComponentBase, IDisposable
{
    private readonly CancellationTokenSource _leaving = new();
    private long _shown = -1;

    [Inject] private TimeProvider Clock { get; set; } = null!;

    [Inject] private IJSRuntime Browser { get; set; } = null!;

    /// <summary>Whether the page stays as it is because somebody has scrolled into its list.</summary>
    protected bool IsHeld { get; private set; }

    /// <summary>Whether the page has a list whose newest are on top, which moves while they come.</summary>
    protected virtual bool HasMovingList => false;

    /// <summary>How often the page looks.</summary>
    protected virtual TimeSpan Rhythm => TimeSpan.FromSeconds(1);

    /// <summary>Whether the page stays as it is.</summary>
    protected bool IsPaused { get; private set; }

    /// <summary>Changes with what the page shows.</summary>
    protected abstract long Version { get; }

    /// <summary>Fetches what the page shows.</summary>
    protected abstract Task LoadAsync();

    /// <summary>Fetches and draws now, paused or not: because something else is asked for.</summary>
    protected async Task ReloadAsync()
    {
        _shown = Version;
        await LoadAsync();
        StateHasChanged();
    }

    /// <summary>Pauses, or goes on.</summary>
    protected async Task TogglePauseAsync()
    {
        IsPaused = !IsPaused;
        if (!IsPaused)
            await ReloadAsync();
    }

    /// <inheritdoc/>
    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender)
            _ = FollowAsync();
    }

    private async Task FollowAsync()
    {
        using var timer = new PeriodicTimer(Rhythm, Clock);
        try
        {
            while (await timer.WaitForNextTickAsync(_leaving.Token))
                if (!IsPaused && Version != _shown)
                    await InvokeAsync(FollowOnceAsync);
        }
        catch (OperationCanceledException) when (_leaving.IsCancellationRequested)
        {
            // The page was left.
        }
        catch (JSDisconnectedException)
        {
            // The browser is gone.
        }
        catch (Exception wrong) when (!_leaving.IsCancellationRequested)
        {
            await DispatchExceptionAsync(wrong);
        }
    }

    private async Task FollowOnceAsync()
    {
        var held = HasMovingList && await Browser.InvokeAsync<bool>("dashboard.isScrolled", _leaving.Token);
        if (!held)
            await ReloadAsync();
        if (held == IsHeld)
            return;
        IsHeld = held;
        StateHasChanged();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Stops following.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        _leaving.Cancel();
        _leaving.Dispose();
    }
}
