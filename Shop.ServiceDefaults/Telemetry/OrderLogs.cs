using System.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Logs;

namespace Shop.ServiceDefaults.Telemetry;

/// <summary>Marks what is logged while an order is worked on with that order, as its spans are: <c>order.id</c> finds both.</summary>
internal sealed class OrderLogs : BaseProcessor<LogRecord>
{
    private const string Key = "order.id";

    public override void OnEnd(LogRecord data)
    {
        for (var activity = Activity.Current; activity is not null; activity = activity.Parent)
            if (activity.GetTagItem(Key) is { } order)
            {
                data.Attributes = [.. data.Attributes ?? [], new(Key, order)];
                return;
            }
    }
}
