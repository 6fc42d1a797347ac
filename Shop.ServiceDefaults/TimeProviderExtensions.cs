namespace Shop.ServiceDefaults;

/// <summary>Time as Postgres keeps it.</summary>
public static class TimeProviderExtensions
{
    /// <summary>Now (UTC), in whole microseconds: what <c>timestamptz</c> keeps, so that what is answered equals what is read back.</summary>
    public static DateTimeOffset GetDatabaseNow(this TimeProvider clock)
    {
        var now = clock.GetUtcNow();
        return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
    }
}
